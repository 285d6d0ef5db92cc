"""Sends campaigns: those that were launched, and those whose time has come. And what people try out beforehand."""

from __future__ import annotations

from shared.mail.terms import Kind, MailPolicy

from ..door import Result, RunContext, skipped
from ..tools import Tools
from . import wording
from .postoffice import PostOffice
from .rounds import Round, Wanted

TRIALS: tuple[Kind, ...] = ("test",)
ALL: tuple[Kind, ...] = ("test", "campaign")
NO_ADDRESS = "Campaigns wait: they need a link to unsubscribe, and the mail settings do not say how people reach us"


class SendCampaigns:
    """The handler. A campaign that is paused waits, and one that is stopped is not sent any further, at once."""

    def __init__(self, tools: Tools, office: PostOffice) -> None:
        self._tools = tools
        self._office = office

    async def __call__(self, run: RunContext) -> Result:
        """Send what there is of campaigns, or, in a dry run, tell who would get it."""
        mailroom = self._tools.mailroom
        policy, missing = await mailroom.policy(), await mailroom.lacking()
        if policy.server is None or missing:
            return skipped(missing)
        wanted = _wanted(run, policy)
        if run.dry_run:
            return await self._rehearsed(run, wanted)
        if policy.public_url:
            for campaign in await mailroom.begin_scheduled(self._tools.now()):
                run.log(f"{campaign.name} begins")
        result = await Round(self._tools, self._office, run, policy=policy, server=policy.server, wanted=wanted).go()
        await mailroom.finish_campaigns(self._tools.now())
        return result

    async def _rehearsed(self, run: RunContext, wanted: Wanted) -> Result:
        mailroom, now = self._tools.mailroom, self._tools.now()
        waiting = await mailroom.waiting(now, wording.MOST_CHANGES, kinds=wanted.kinds)
        messages, count = [wording.of_delivery(delivery) for delivery in waiting.first], waiting.count
        for campaign in await mailroom.campaigns():
            if campaign.state == "scheduled" and campaign.scheduled_at and campaign.scheduled_at <= now:
                view = await mailroom.audience(campaign.audience, wording.MOST_CHANGES)
                messages += [wording.Message(name=one.name, kind="campaign") for one in view.recipients]
                count += view.count
        return wording.rehearsed(run, messages, count)


def _wanted(run: RunContext, policy: MailPolicy) -> Wanted:
    if policy.public_url:
        return Wanted(kinds=ALL)
    run.log(NO_ADDRESS, "warning")
    return Wanted(kinds=TRIALS)
