"""The mailroom on a real database: what is due, who sends it, and that nothing is sent twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct, structs

from shared.directory.deliveries import Trial
from shared.directory.errors import (
    MailNotSetUp,
    NobodyToMail,
    NoSuchCampaign,
    NoSuchDelivery,
    NoSuchPerson,
    NoSuchPlan,
    NoSuchTemplate,
    NotInThisState,
    TemplateTaken,
)
from shared.directory.mailrecords import (
    Audience,
    CampaignBody,
    Claimant,
    Closing,
    Delivery,
    DeliveryQuery,
    Opening,
    Outgoing,
)
from shared.directory.mailroom import Mailroom
from shared.directory.subscribers import PersonBody, PersonEdit, PlanBody
from shared.mail.defaults import default_templates
from shared.mail.due import due
from shared.mail.rendering import BadTemplate
from shared.mail.terms import Due, Kind, MailPerson, MailPolicy, OAuthClient, SecretName, TemplateBody, Words
from shared.outside.mail.providers import GOOGLE
from shared.outside.mail.setup import MailServer
from shared.runtime.secrets import Secret, Vault
from tests.support.household import TODAY, Household, open_household

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
A_WHILE = timedelta(hours=1)
SERVER = MailServer(host="mail.example.org", port=25, security="plain", login="none", sender="shows@example.org")
ALL: tuple[Kind, ...] = get_args(Kind)


class House(Struct, frozen=True):
    """A household that has a mailroom, with mail set up."""

    home: Household
    room: Mailroom
    vault: Vault

    async def person(self, name: str, **more: Any) -> UUID:
        body = PersonBody(name=name, **{"email": f"{name.lower()}@example.org", **more})
        return (await self.home.membership.add_person(body, "ada")).id

    async def of(self, person_id: UUID, at: datetime) -> MailPerson:
        return await self.room.person_for_mail(person_id, at)

    async def found(self, key: str) -> Delivery:
        (delivery,) = [one for one in await self.room.deliveries(DeliveryQuery(limit=1000)) if one.key == key]
        return delivery

    async def states(self) -> dict[str, str]:
        return {one.key: one.state for one in await self.room.deliveries(DeliveryQuery(limit=1000))}

    async def campaign(self, **more: Any) -> UUID:
        body = CampaignBody(**{"name": "News", "subject": "News", "text": "Hello {{ firstname }}", **more})
        return (await self.room.add_campaign(body, "ada", AT)).id


@pytest.fixture
async def house(postgres: str, folder: Path) -> AsyncIterator[House]:
    async with open_household(postgres, folder) as home:
        vault = Vault.from_file(folder / "key")
        room = Mailroom(home.pool, vault, ZoneInfo("Europe/Paris"))
        await room.set_policy(MailPolicy(server=SERVER, public_url="https://shows.example.org"), "ada")
        yield House(home, room, vault)


def attempt(number: int = 1, run: UUID | None = None) -> Claimant:
    return Claimant(run or uuid4(), number)


def notice(key: str, person_id: UUID, template_id: UUID, **more: Any) -> Due:
    usual = {"event": "expired", "days": 0, "name": "Kim", "address": "kim@example.org", "language": "en"}
    return Due(key=key, person_id=person_id, template_id=template_id, **{**usual, **more})


async def planned(house: House, *keys: str, **more: Any) -> tuple[UUID, UUID]:
    """These notices to Kim; the person and the template."""
    person_id = await house.person("Kim")
    template_id = (await house.room.templates())[0].id
    await house.room.plan([notice(key, person_id, template_id, **more) for key in keys], AT)
    return person_id, template_id


async def claimed(house: House, who: Claimant, limit: int = 100, at: datetime = AT, **more: Any) -> list[Outgoing]:
    return await house.room.claim(who, limit, at, kinds=ALL, **more)


def opening(one: Outgoing, subject: str = "Hello") -> Opening:
    return Opening(id=one.id, subject=subject, message_id=f"<{one.id}@example.org>")


# How mail is set up


async def test_the_policy_and_its_secrets_are_kept(house: House) -> None:
    policy = MailPolicy(server=SERVER, oauth=OAuthClient(provider=GOOGLE, client_id="us"), per_minute=30)
    assert (await house.room.set_policy(policy, "ada")).public_url == "https://shows.example.org"
    assert await house.room.policy() == policy
    await house.room.set_secret("smtp_password", Secret("hush"), "ada")
    assert await house.room.secret("smtp_password") == Secret("hush")
    assert b"hush" not in await house.home.pool.fetchval("SELECT sealed FROM secret")
    assert await house.room.secret("oauth_refresh_token") is None
    await house.room.set_secret("smtp_password", None, "ada")
    assert await house.room.secrets() == set()
    assert house.room.unsubscribe_key == house.vault.derived("unsubscribing") != house.vault.derived("another")


@pytest.mark.parametrize(
    ("more", "oauth", "secrets", "says"),
    [
        ({}, None, (), ""),
        ({"login": "password"}, None, (), "password"),
        ({"login": "password"}, None, ("smtp_password",), ""),
        ({"login": "oauth"}, None, ("oauth_refresh_token",), "provider"),
        ({"login": "oauth"}, "google", (), "consent"),
        ({"login": "oauth"}, "google", ("oauth_refresh_token",), ""),
    ],
)
async def test_what_is_lacking_is_told(
    house: House, more: dict[str, Any], oauth: Any, secrets: Sequence[SecretName], says: str
) -> None:
    client = OAuthClient(provider=oauth, client_id="us") if oauth else None
    server = structs.replace(SERVER, username="house", **more)
    await house.room.set_policy(MailPolicy(server=server, oauth=client), "ada")
    for name in secrets:
        await house.room.set_secret(name, Secret("x"), "ada")
    lacking = await house.room.lacking()
    assert says in lacking and bool(lacking) is bool(says)


async def test_without_a_server_nothing_can_be_sent(house: House) -> None:
    await house.room.set_policy(MailPolicy(), "ada")
    assert "server" in await house.room.lacking()


# What is said


async def test_the_default_templates_are_there_once_and_what_is_deleted_stays_so(house: House) -> None:
    first, second = await asyncio.gather(house.room.templates(), house.room.templates())
    assert len(first) == len(second) == len(list(default_templates()))
    await house.room.remove_template(first[0].id)
    assert len(await house.room.templates()) == len(first) - 1
    with pytest.raises(NoSuchTemplate):
        await house.room.template(first[0].id)
    with pytest.raises(NoSuchTemplate):
        await house.room.remove_template(first[0].id)


BODY = TemplateBody(event="before_expiry", days=14, language="en", subject="Soon", text="{{ days_left }} days")


async def test_templates_are_written_changed_and_never_doubled(house: House) -> None:
    added = await house.room.add_template(BODY, "ada")
    assert (added.subject, added.changed_by) == ("Soon", "ada")
    with pytest.raises(TemplateTaken):
        await house.room.add_template(BODY, "ada")
    with pytest.raises(NoSuchPlan):
        await house.room.add_template(structs.replace(BODY, plan_id=uuid4()), "ada")
    other = await house.room.add_template(structs.replace(BODY, provider="plex"), "ada")
    with pytest.raises(TemplateTaken):
        await house.room.change_template(other.id, BODY, "ben")
    changed = await house.room.change_template(other.id, structs.replace(BODY, days=15), "ben")
    assert (changed.days, changed.provider, changed.changed_by) == (15, None, "ben")
    assert await house.room.template(other.id) == changed
    with pytest.raises(NoSuchTemplate):
        await house.room.change_template(uuid4(), structs.replace(BODY, days=16), "ben")


async def test_what_could_not_be_sent_is_not_saved(house: House) -> None:
    for words in ({"subject": "{{ nonsense }}"}, {"text": "{% if %}"}, {"html": "{{ username.upper() }}"}):
        with pytest.raises(BadTemplate):
            await house.room.add_template(structs.replace(BODY, **words), "ada")
        with pytest.raises(BadTemplate):
            await house.campaign(**words)


# Who gets what


async def test_a_person_is_gathered_with_all_that_decides(house: House) -> None:
    home = house.home
    await home.server("Attic", {"Kim": ["Movies"]})
    await home.server("Cellar", {"Zoe": []}, kind="jellyfin", role="admin")
    plan = await home.membership.add_plan(PlanBody(name="Family", days=30))
    kim = await home.id("Kim")
    await home.membership.edit_person(kim, PersonEdit(email="kim@example.org", language="fr"), "ada")
    assert not (await house.of(kim, AT)).managed
    await home.membership.subscribe(kim, plan.id, **home.here)
    now = datetime.now(UTC)
    found = await house.of(kim, now)
    assert (found.managed, found.staff, found.plan, found.language) == (True, False, "Family", "fr")
    assert found.expires_on == TODAY + timedelta(days=30)
    assert found.subscribed_on == now.astimezone(ZoneInfo("Europe/Paris")).date()
    assert found.change is None and found.invited_on is None
    (login,) = found.logins
    assert (login.product, login.server, login.username, login.url) == (
        "plex", "Attic", "Kim_1", "https://app.plex.tv",
    )  # fmt: skip
    assert (await house.of(await home.id("Zoe"), now)).staff
    assert [one.name for one in await house.room.people_for_mail(now)] == ["Kim", "Zoe"]
    assert (await house.of(kim, now + timedelta(days=10))).subscribed_on is None
    with pytest.raises(NoSuchPerson):
        await house.of(uuid4(), now)


async def test_a_renewal_is_a_change_and_after_an_end_it_gives_access_back(house: House) -> None:
    home, kim = house.home, await house.person("Kim")
    plan = await home.membership.add_plan(PlanBody(name="Family", days=30))
    await home.membership.subscribe(kim, plan.id, **home.here)
    await home.membership.renew(kim, **home.here)
    now = datetime.now(UTC)
    renewed = (await house.of(kim, now)).change
    assert renewed is not None and not renewed.restored
    assert await home.book.end(kim, TODAY + timedelta(days=60), approved=False, who="a run")
    assert (await house.of(kim, now)).change is None
    await home.membership.renew(kim, **home.here)
    back = (await house.of(kim, now)).change
    assert back is not None and back.restored and back.id > renewed.id
    await home.membership.renew(kim, **home.here)
    again = (await house.of(kim, now)).change
    assert again is not None and not again.restored
    await home.membership.suspend(kim, "", **home.here)
    await home.membership.unsuspend(kim, **home.here)
    lifted = (await house.of(kim, now)).change
    assert lifted is not None and lifted.restored


async def test_an_invitation_counts_from_when_it_is_open(house: House) -> None:
    home = house.home
    attic = await home.server("Attic", {"Kim": []})
    kim = await house.person("Zoe")
    await home.membership.want_account(kim, attic.id, **home.here)
    assert (await house.of(kim, AT)).state == "invited"
    assert (await house.of(kim, AT)).invited_on is None
    await home.pool.execute("UPDATE account SET state = 'pending' WHERE person_id = $1", kim)
    assert (await house.of(kim, AT)).invited_on == datetime.now(ZoneInfo("Europe/Paris")).date()


async def test_planning_again_writes_nothing_twice(house: House) -> None:
    person_id, template_id = await planned(house, "a", "b")
    again = [notice(key, person_id, template_id) for key in ("a", "b", "c")]
    assert await house.room.plan(again, AT) == 1
    assert await house.room.plan([], AT) == 0
    assert await house.room.known_keys(AT) == {"a", "b", "c"}
    assert await house.room.known_keys(AT + timedelta(days=100)) == set()
    # Somebody who is gone by now gets nothing, and holds nobody else up.
    assert await house.room.plan([notice("d", uuid4(), template_id), notice("e", person_id, uuid4())], AT) == 1


async def test_ten_thousand_are_planned_within_a_second(house: House) -> None:
    await house.home.pool.execute(
        "INSERT INTO person (name, email, managed_since) SELECT 'P' || n, 'p' || n || '@example.org', now()"
        " FROM generate_series(1, 10000) AS n"
    )
    await house.home.pool.execute(
        "INSERT INTO subscription (person_id, started_on, expires_on) SELECT id, $1, $2 FROM person", TODAY, TODAY
    )
    templates = await house.room.templates()
    people = await house.room.people_for_mail(AT)
    dues = due(people, templates, await house.room.known_keys(AT), TODAY, default_language="en")
    began = time.perf_counter()
    assert await house.room.plan(dues, AT) == 10_000
    assert time.perf_counter() - began < 1.0
    keys = await house.room.known_keys(AT)
    assert due(people, templates, keys, TODAY, default_language="en") == []


# Sending


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


# Campaigns


async def names(house: House, **audience: Any) -> list[str]:
    return [one.name for one in (await house.room.audience(Audience(**audience))).recipients]


async def test_an_audience_is_who_fits_and_can_be_reached(house: House) -> None:
    home = house.home
    attic = await home.server("Attic", {"Kim": ["Movies"], "Mara": []})
    for name in ("Kim", "Mara"):
        edit = PersonEdit(email=f"{name.lower()}@example.org", language={"Kim": "fr-CA"}.get(name))
        await home.membership.edit_person(await home.id(name), edit, "ada")
    plan = await home.membership.add_plan(PlanBody(name="Family", days=5))
    zoe, ben = await house.person("Zoe", language="de"), await house.person("Ben")
    await home.membership.subscribe(zoe, plan.id, **home.here)
    await home.membership.suspend(ben, "", **home.here)
    await home.membership.remove([await house.person("Ann")], by="ada")
    assert await names(house) == ["Kim", "Mara", "Zoe"]
    assert await names(house, servers=[attic.id]) == ["Kim", "Mara"]
    assert await names(house, plans=[plan.id]) == await names(house, states=["reminder"]) == ["Zoe"]
    assert await names(house, languages=["fr"]) == ["Kim"]
    assert await names(house, languages=["en"]) == ["Mara"]
    assert await names(house, states=["suspended"]) == ["Ben"]
    assert await names(house, states=["removed"]) == []
    assert await names(house, people=[zoe, ben]) == ["Zoe"]
    assert len((await house.room.audience(Audience(), limit=2)).recipients) == 2


async def test_an_audience_says_whom_it_leaves_out(house: House) -> None:
    await house.person("Kim")
    await house.person("Kimberly", email="KIM@example.org")
    await house.person("Nobody", email="")
    await house.person("Second", email="", second_email="second@example.org")
    ann, _ = (
        await house.person("Ann", email="shared@example.org"),
        await house.person("Bob", email="shared@example.org"),
    )
    await house.room.unsubscribe(ann, "link", AT)
    view = await house.room.audience(Audience())
    assert [one.address for one in view.recipients] == ["kim@example.org", "second@example.org"]
    assert (view.count, view.unsubscribed, view.without_address, view.same_address) == (2, 2, 1, 1)


async def test_who_unsubscribes_can_come_back(house: House) -> None:
    kim = await house.person("Kim")
    assert await house.room.unsubscribe(kim, "one click", AT)
    assert not await house.room.unsubscribe(kim, "link", AT + A_WHILE)
    found = await house.room.unsubscribed(kim)
    assert found and (found.how, found.at) == ("one click", AT)
    assert (await house.of(kim, AT)).unsubscribed
    assert await house.room.resubscribe(kim) and not await house.room.resubscribe(kim)
    assert await house.room.unsubscribed(kim) is None
    with pytest.raises(NoSuchPerson):
        await house.room.unsubscribe(uuid4(), "link", AT)


async def test_a_campaign_goes_from_draft_to_sent(house: House) -> None:
    await house.person("Kim")
    await house.person("Mara")
    campaign_id = await house.campaign(language="fr")
    launched = await house.room.launch(campaign_id, "ada", AT)
    assert (launched.state, launched.begun_at, launched.counts) == ("sending", AT, {"due": 2})
    with pytest.raises(NotInThisState):
        await house.room.launch(campaign_id, "ada", AT)
    who = attempt()
    for one in await claimed(house, who):
        assert (one.kind, one.language) == ("campaign", "fr")
        await house.room.finish_campaigns(AT)
        assert await house.room.start(who, opening(one))
        await house.room.close(who, Closing(id=one.id, state="sent", answer="250"), AT)
    await house.room.finish_campaigns(AT)
    sent = await house.room.campaign(campaign_id)
    assert (sent.state, sent.counts, sent.ended_at) == ("sent", {"sent": 2}, AT)
    assert await house.room.campaigns() == [sent]


async def test_a_paused_campaign_waits_to_the_very_message(house: House) -> None:
    await house.person("Kim")
    await house.person("Mara")
    campaign_id = await house.campaign()
    await house.room.launch(campaign_id, "ada", AT)
    who = attempt()
    one, two = await claimed(house, who)
    assert await house.room.start(who, opening(one))
    assert (await house.room.pause(campaign_id, "ben", AT)).state == "paused"
    sent = Closing(id=one.id, state="sent", answer="250")
    assert await house.room.close(who, sent, AT) == "sent"
    assert not await house.room.start(who, opening(two))
    assert (await house.room.campaign(campaign_id)).counts == {"sent": 1, "claimed": 1}
    await house.room.release(who)
    assert await claimed(house, attempt()) == []
    # One message may still be sent again by hand.
    await house.room.resend(one.id, "ben", AT)
    assert [again.id for again in await claimed(house, attempt())] == [one.id]
    assert (await house.room.resume(campaign_id, "ben", AT)).state == "sending"
    assert [again.id for again in await claimed(house, attempt())] == [two.id]
    with pytest.raises(NotInThisState):
        await house.room.resume(campaign_id, "ben", AT)


async def test_a_stopped_campaign_sends_no_more(house: House) -> None:
    await house.person("Kim")
    await house.person("Mara")
    campaign_id = await house.campaign()
    await house.room.launch(campaign_id, "ada", AT)
    who = attempt()
    one, two = await claimed(house, who)
    await house.room.start(who, opening(one))
    stopped = await house.room.stop(campaign_id, "ben", AT)
    assert (stopped.state, stopped.counts) == ("stopped", {"sending": 1, "dropped": 1})
    assert not await house.room.start(who, opening(two))
    assert await house.room.close(who, Closing(id=one.id, state="sent", answer="250"), AT)
    await house.room.remove_campaign(campaign_id)
    assert (await house.room.delivery(one.id)).campaign_id is None
    with pytest.raises(NoSuchCampaign):
        await house.room.campaign(campaign_id)


async def test_a_scheduled_campaign_begins_in_its_time(house: House) -> None:
    await house.person("Kim")
    campaign_id, empty = await house.campaign(), await house.campaign(audience=Audience(states=("expired",)))
    for one in (campaign_id, empty):
        scheduled = await house.room.launch(one, "ada", AT, AT + A_WHILE)
        assert (scheduled.state, scheduled.scheduled_at, scheduled.counts) == ("scheduled", AT + A_WHILE, {})
    assert await house.room.begin_scheduled(AT) == []
    await house.person("Mara")
    begun = await asyncio.gather(*(house.room.begin_scheduled(AT + A_WHILE) for _ in range(3)))
    states = {campaign.id: (campaign.state, campaign.counts) for some in begun for campaign in some}
    assert states == {campaign_id: ("sending", {"due": 2}), empty: ("sent", {})}
    assert sum(map(len, begun)) == 2


async def test_a_scheduled_campaign_can_be_called_off(house: House) -> None:
    await house.person("Kim")
    campaign_id = await house.campaign()
    await house.room.launch(campaign_id, "ada", AT, AT + A_WHILE)
    with pytest.raises(NotInThisState):
        await house.room.remove_campaign(campaign_id)
    body = CampaignBody(name="Other", subject="Other", text="Other")
    assert (await house.room.change_campaign(campaign_id, body, "ben", AT)).name == "Other"
    called_off = await house.room.stop(campaign_id, "ben", AT)
    assert (called_off.state, called_off.scheduled_at, called_off.ended_at) == ("draft", None, None)
    await house.room.launch(campaign_id, "ada", AT)
    with pytest.raises(NotInThisState):
        await house.room.change_campaign(campaign_id, body, "ben", AT)


async def test_a_campaign_that_can_reach_nobody_is_not_launched(house: House) -> None:
    campaign_id = await house.campaign()
    with pytest.raises(NobodyToMail):
        await house.room.launch(campaign_id, "ada", AT)
    assert (await house.room.campaign(campaign_id)).state == "draft"
    await house.person("Kim")
    await house.room.set_policy(MailPolicy(server=SERVER), "ada")
    with pytest.raises(MailNotSetUp, match="unsubscribe"):
        await house.room.launch(campaign_id, "ada", AT)
    with pytest.raises(NoSuchCampaign):
        await house.room.pause(uuid4(), "ada", AT)
