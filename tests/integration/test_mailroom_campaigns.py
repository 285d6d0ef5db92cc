"""Campaigns from draft to sent, on a real database, and who is in their audience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.directory.errors import (
    MailNotSetUp,
    NobodyToMail,
    NoSuchCampaign,
    NoSuchPerson,
    NotInThisState,
)
from shared.directory.mailrecords import (
    Audience,
    CampaignBody,
    Closing,
)
from shared.directory.subscribers import PersonEdit, PlanBody
from shared.mail.terms import MailPolicy
from tests.support.mailrooms import (
    A_WHILE,
    AT,
    SERVER,
    House,
    attempt,
    claimed,
    open_mailroom,
    opening,
)


@pytest.fixture
async def house(postgres: str, folder: Path) -> AsyncIterator[House]:
    async with open_mailroom(postgres, folder) as made:
        yield made


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
