"""Calls about messages to many people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.directory.deliveries import Trial
from shared.directory.mailrecords import Audience, AudienceView, Campaign, CampaignBody, CampaignState, Delivery
from shared.mail.terms import DeliveryState
from shared.runtime.clock import utc_now

from ..store.database import outages_named
from .mail_trial import TrialBody, planned
from .problems import Problem
from .route import Call, Nothing


class CampaignBrief(Struct, frozen=True, kw_only=True):
    """A campaign without its words. `counts`: how many of its deliveries are in each state; none before it begins."""

    id: UUID
    name: str
    language: str
    subject: str
    state: CampaignState
    scheduled_at: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    created_by: str
    counts: Mapping[DeliveryState, int]


class CampaignList(Struct, frozen=True, kw_only=True):
    campaigns: tuple[CampaignBrief, ...]


class AudienceBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    audience: Audience = Audience()


class LaunchBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `at` the campaign begins now. The people are chosen when it begins."""

    at: datetime | None = None


class CampaignTraits(Struct, frozen=True, kw_only=True):
    """What the audit trail keeps of a campaign: all but what it says."""

    name: str
    state: CampaignState
    audience: Audience
    scheduled_at: datetime | None


async def list_campaigns(call: Call, _: Nothing) -> CampaignList:
    """All campaigns, the newest first."""
    with outages_named():
        found = await call.gateway.mailroom.campaigns()
    fields = CampaignBrief.__struct_fields__
    return CampaignList(
        campaigns=tuple(CampaignBrief(**{name: getattr(campaign, name) for name in fields}) for campaign in found)
    )


async def show_campaign(call: Call, _: Nothing) -> Campaign:
    """One campaign."""
    return await _campaign(call)


async def add_campaign(call: Call, body: CampaignBody) -> Campaign:
    """Add a campaign: a draft, of which nothing is sent before it is launched."""
    with outages_named():
        added = await call.gateway.mailroom.add_campaign(body, call.by, utc_now())
    await call.record("campaign.add", str(added.id), None, _kept(added))
    return added


async def change_campaign(call: Call, body: CampaignBody) -> Campaign:
    """Change a campaign that has not begun."""
    room = call.gateway.mailroom
    return await _decide(call, "campaign.change", lambda which: room.change_campaign(which, body, call.by, utc_now()))


async def remove_campaign(call: Call, _: Nothing) -> None:
    """Remove a campaign that is not under way; what was sent of it stays among the deliveries."""
    before = await _campaign(call)
    with outages_named():
        await call.gateway.mailroom.remove_campaign(before.id)
    await call.record("campaign.remove", str(before.id), _kept(before))


async def show_audience(call: Call, _: Nothing) -> AudienceView:
    """Who would get a campaign if it began now."""
    campaign = await _campaign(call)
    with outages_named():
        return await call.gateway.mailroom.audience(campaign.audience)


async def find_audience(call: Call, body: AudienceBody) -> AudienceView:
    """Who would get a campaign with such an audience now."""
    with outages_named():
        return await call.gateway.mailroom.audience(body.audience)


async def try_campaign(call: Call, body: TrialBody) -> Delivery:
    """Have a campaign's message sent to one address."""
    campaign = await _campaign(call)
    return await planned(call, Trial(address=body.address, person_id=body.person_id, campaign_id=campaign.id))


async def launch_campaign(call: Call, body: LaunchBody) -> Campaign:
    """Have a campaign sent, now or later."""
    if body.at is not None and body.at.tzinfo is None:
        raise Problem("bad_body", "`at` needs a time zone: write it as 2030-01-31T18:00:00Z.")
    room = call.gateway.mailroom
    return await _decide(call, "campaign.launch", lambda which: room.launch(which, call.by, utc_now(), body.at))


async def pause_campaign(call: Call, _: Nothing) -> Campaign:
    """Let what is not sent yet of a campaign wait."""
    room = call.gateway.mailroom
    return await _decide(call, "campaign.pause", lambda which: room.pause(which, call.by, utc_now()))


async def resume_campaign(call: Call, _: Nothing) -> Campaign:
    """Go on with a paused campaign."""
    room = call.gateway.mailroom
    return await _decide(call, "campaign.resume", lambda which: room.resume(which, call.by, utc_now()))


async def stop_campaign(call: Call, _: Nothing) -> Campaign:
    """Send no more of a campaign, for good; one that has not begun is a draft again."""
    room = call.gateway.mailroom
    return await _decide(call, "campaign.stop", lambda which: room.stop(which, call.by, utc_now()))


async def _decide(call: Call, action: str, carry_out: Callable[[UUID], Awaitable[Campaign]]) -> Campaign:
    before = await _campaign(call)
    with outages_named():
        after = await carry_out(before.id)
    await call.record(action, str(before.id), _kept(before), _kept(after))
    return after


async def _campaign(call: Call) -> Campaign:
    with outages_named():
        return await call.gateway.mailroom.campaign(call.id("campaign_unknown"))


def _kept(campaign: Campaign) -> CampaignTraits:
    return CampaignTraits(**{name: getattr(campaign, name) for name in CampaignTraits.__struct_fields__})
