"""Messages on their way: claimed, begun, closed; who sends them, and that nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.directory.deliveries import Trial
from shared.directory.errors import (
    NoSuchCampaign,
    NoSuchDelivery,
    NoSuchTemplate,
    NotInThisState,
)
from shared.directory.mailrecords import (
    Claimant,
    Closing,
    DeliveryQuery,
)
from shared.directory.subscribers import PersonEdit
from shared.mail.terms import Words
from tests.support.mailrooms import (
    A_WHILE,
    AT,
    BODY,
    House,
    attempt,
    claimed,
    notice,
    open_mailroom,
    opening,
    planned,
)


@pytest.fixture
async def house(postgres: str, folder: Path) -> AsyncIterator[House]:
    async with open_mailroom(postgres, folder) as made:
        yield made


async def test_a_claimed_message_brings_all_it_is_written_from(house: House) -> None:
    person_id, template_id = await planned(house, "a", expires_on=date(2026, 7, 1))
    template = await house.room.template(template_id)
    (one,) = await claimed(house, attempt())
    assert (one.key, one.kind, one.event, one.address, one.asked) == (
        "a",
        "notice",
        "expired",
        "kim@example.org",
        False,
    )
    assert one.words == Words(subject=template.subject, text=template.text, html=template.html)
    assert one.person == await house.of(person_id, AT)


async def test_claims_choose_kinds_and_events(house: House) -> None:
    await planned(house, "a", event="pending_invitation")
    assert await house.room.claim(attempt(), 9, AT, kinds=("campaign", "test")) == []
    assert await claimed(house, attempt(), events={"expired"}) == []
    assert len(await claimed(house, attempt(), events={"pending_invitation"})) == 1


async def test_workers_that_claim_at_once_never_get_the_same(house: House) -> None:
    await planned(house, *map(str, range(500)))

    async def take(who: Claimant) -> list[str]:
        taken: list[str] = []
        while page := await claimed(house, who, 7):
            taken += [one.key for one in page]
        return taken

    taken = await asyncio.gather(*(take(attempt()) for _ in range(6)))
    assert sorted(key for keys in taken for key in keys) == sorted(map(str, range(500)))
    assert sum(bool(keys) for keys in taken) > 1


async def test_one_message_after_another_is_started_and_closed(house: House) -> None:
    await planned(house, "a", "b")
    who = attempt()
    one, two = await claimed(house, who)
    assert await house.room.start(who, opening(one))
    assert not await house.room.start(who, opening(one))
    assert (await house.found(one.key)).state == "sending"
    sent = Closing(id=one.id, state="sent", answer="250 OK")
    assert await house.room.close(who, sent, AT) == "sent"
    assert await house.room.start(who, opening(two))
    first, second = await house.found(one.key), await house.found(two.key)
    assert (first.state, first.answer, first.tries, first.closed_at) == ("sent", "250 OK", 1, AT)
    assert (first.subject, first.message_id) == ("Hello", f"<{one.id}@example.org>")
    assert second.state == "sending"
    assert await house.room.close(who, Closing(id=two.id, state="sent", answer="250"), AT)
    assert not await house.room.close(who, Closing(id=two.id, state="refused", answer="550"), AT)
    assert await claimed(house, attempt()) == []
    assert await house.room.sent_by_hour(AT) == {int(AT.timestamp()) // 3600: 2}
    assert await house.room.sent_by_hour(AT + timedelta(days=2)) == {}


async def test_a_deferred_message_waits_its_time(house: House) -> None:
    await planned(house, "a")
    who = attempt()
    (one,) = await claimed(house, who)
    await house.room.start(who, opening(one))
    await house.room.close(who, Closing(id=one.id, state="deferred", answer="451", next_at=AT + A_WHILE), AT)
    assert await claimed(house, attempt(), at=AT + A_WHILE / 2) == []
    (again,) = await claimed(house, attempt(), at=AT + A_WHILE)
    assert (again.tries, again.message_id) == (1, f"<{one.id}@example.org>")


async def test_what_the_first_address_refuses_goes_to_the_second(house: House) -> None:
    await planned(house, "a", second_address="kim@second.example")
    await house.home.pool.execute("UPDATE person SET second_email = 'kim@second.example'")
    for address, state in (("kim@example.org", "due"), ("kim@second.example", "refused")):
        who = attempt()
        (one,) = await claimed(house, who)
        assert one.address == address
        await house.room.start(who, opening(one))
        await house.room.close(who, Closing(id=one.id, state="refused", answer="550"), AT)
        assert (await house.found("a")).state == state


async def test_a_message_follows_its_person_to_another_address(house: House) -> None:
    person_id, _ = await planned(house, "a")
    await house.home.membership.edit_person(person_id, PersonEdit(email="new@example.org"), "ada")
    (one,) = await claimed(house, attempt())
    assert one.address == (await house.found("a")).address == "new@example.org"


async def test_of_somebody_who_is_gone_there_is_no_address(house: House) -> None:
    person_id, _ = await planned(house, "a")
    await house.home.pool.execute("DELETE FROM person WHERE id = $1", person_id)
    who = attempt()
    (one,) = await claimed(house, who)
    assert (one.person, one.address) == (None, "")
    assert await house.room.close(who, Closing(id=one.id, state="dropped", answer="gone"), AT)
    assert (await house.found("a")).state == "dropped"


async def test_what_a_dead_attempt_claimed_is_due_and_what_it_was_sending_uncertain(house: House) -> None:
    await planned(house, "a", "b")
    run = uuid4()
    dead, alive = attempt(1, run), attempt(2, run)
    one, two = await claimed(house, dead)
    await house.room.start(dead, opening(one))
    assert await house.room.recover(attempt(), AT, A_WHILE) == (0, 0)
    assert await house.room.recover(dead, AT, A_WHILE) == (0, 0)
    assert await house.room.recover(alive, AT, A_WHILE) == (1, 1)
    assert await house.states() == {one.key: "uncertain", two.key: "due"}
    assert (await house.found(one.key)).answer
    (again,) = await claimed(house, alive)
    assert again.key == two.key
    # The attempt was not dead after all: it may say what became of its message, but starts nothing more.
    assert not await house.room.start(dead, opening(two))
    assert await house.room.close(dead, Closing(id=one.id, state="sent", answer="250"), AT)
    assert await house.states() == {one.key: "sent", two.key: "claimed"}


async def test_what_a_run_left_that_nobody_goes_on_with_is_recovered_after_a_while(house: House) -> None:
    await planned(house, "a", "b")
    one, two = await claimed(house, attempt())
    assert await house.room.recover(attempt(), AT + A_WHILE / 2, A_WHILE) == (0, 0)
    assert await house.room.recover(attempt(), AT + 2 * A_WHILE, A_WHILE) == (2, 0)
    assert {one.key, two.key} == {key for key, state in (await house.states()).items() if state == "due"}


async def test_what_was_not_sent_is_given_back(house: House) -> None:
    await planned(house, "a", "b")
    who = attempt()
    one, two = await claimed(house, who)
    await house.room.start(who, opening(one))
    await house.room.release(who)
    assert await house.states() == {one.key: "sending", two.key: "due"}


async def test_a_message_is_sent_again_when_a_person_says_so(house: House) -> None:
    person_id, _ = await planned(house, "a")
    who = attempt()
    (one,) = await claimed(house, who)
    for _ in ("claimed", "sending"):
        with pytest.raises(NotInThisState):
            await house.room.resend(one.id, "ben", AT)
        await house.room.start(who, opening(one))
    await house.room.close(who, Closing(id=one.id, state="refused", answer="550"), AT)
    await house.home.membership.edit_person(person_id, PersonEdit(email="right@example.org"), "ada")
    again = await house.room.resend(one.id, "ben", AT)
    assert (again.state, again.tries, again.asked_by, again.address) == ("due", 0, "ben", "right@example.org")
    (once_more,) = await claimed(house, attempt())
    assert once_more.asked and once_more.message_id == f"<{one.id}@example.org>"
    with pytest.raises(NoSuchDelivery):
        await house.room.resend(uuid4(), "ben", AT)


async def test_deliveries_are_found_by_what_stands_in_them(house: House) -> None:
    person_id, template_id = await planned(house, "a", "b")
    await house.room.plan([notice("c", person_id, template_id, name="50%_off", address="z@example.org")], AT + A_WHILE)
    newest, *_ = page = await house.room.deliveries(DeliveryQuery(limit=2))
    assert newest.key == "c"
    (last,) = await house.room.deliveries(DeliveryQuery(after=page[-1].id))
    assert {one.key for one in (*page, last)} == {"a", "b", "c"}
    for text, many in (("KIM@example", 2), ("%", 1), ("_", 1), ("0%_o", 1), ("nothing", 0)):
        query = DeliveryQuery(text=text)
        assert len(await house.room.deliveries(query)) == await house.room.count_deliveries(query) == many
    assert await house.room.count_deliveries(DeliveryQuery(state="sent")) == 0
    assert await house.room.count_deliveries(DeliveryQuery(state="due", kind="notice", person=person_id)) == 3
    assert (await house.room.delivery(newest.id)) == newest
    with pytest.raises(NoSuchDelivery):
        await house.room.delivery(uuid4())


async def test_a_merge_takes_mail_along_and_nothing_is_sent_twice(house: House) -> None:
    home, template_id = house.home, (await house.room.templates())[0].id
    kim, other = await house.person("Kim"), await house.person("Kimberly")
    await house.room.plan([notice(f"notice/{other}/x", other, template_id)], AT)
    await house.room.unsubscribe(other, "link", AT)
    await home.membership.merge(kim, other, **home.here)
    moved = await house.found(f"notice/{kim}/x")
    assert moved.person_id == kim
    assert await house.room.unsubscribed(kim)


async def test_a_trial_goes_to_the_address_that_was_said(house: House) -> None:
    kim = await house.person("Kim")
    template = await house.room.add_template(BODY, "ada")
    campaign = await house.campaign()
    await house.room.plan_trial(Trial(address="ada@example.org", template_id=template.id, person_id=kim), "ada", AT)
    await house.room.plan_trial(Trial(address="ada@example.org", campaign_id=campaign), "ada", AT)
    by_person = {one.person is not None: one for one in await claimed(house, attempt())}
    of_template, of_campaign = by_person[True], by_person[False]
    assert (of_template.kind, of_template.event, of_template.days) == ("test", "before_expiry", 14)
    assert of_template.words and of_template.words.subject == "Soon"
    assert of_campaign.words and of_campaign.words.text == "Hello {{ firstname }}"
    assert {one.address for one in by_person.values()} == {"ada@example.org"}
    assert all(one.asked for one in by_person.values())
    with pytest.raises(NoSuchTemplate):
        await house.room.plan_trial(Trial(address="a@example.org", template_id=uuid4()), "ada", AT)
    with pytest.raises(NoSuchCampaign):
        await house.room.plan_trial(Trial(address="a@example.org", campaign_id=uuid4()), "ada", AT)
