"""Campaigns: one message to many people who were chosen by a filter, and who can unsubscribe."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.mail.rendering import checked
from shared.mail.terms import MailPolicy, Words

from . import audiences, campaigns, optouts, sealed
from .errors import MailNotSetUp, NobodyToMail
from .mailrecords import Audience, AudienceView, Campaign, CampaignBody, CampaignState, Unsubscribed
from .mailsetup import MailSetUp, lacking, policy_in

SHOWN = 100  # names of an audience unless told


class Campaigning(MailSetUp):
    """What people decide about campaigns. `by` is who decides; `at` is now."""

    async def campaigns(self) -> list[Campaign]:
        """All campaigns, the newest first."""
        async with self._reading() as connection:
            return await campaigns.listed(connection)

    async def campaign(self, campaign_id: UUID) -> Campaign:
        """One campaign. NoSuchCampaign."""
        async with self._reading() as connection:
            return await campaigns.get(connection, campaign_id)

    async def add_campaign(self, body: CampaignBody, by: str, at: datetime) -> Campaign:
        """Add a draft. BadTemplate."""
        checked(Words(subject=body.subject, text=body.text, html=body.html))
        async with self._deciding() as connection:
            return await campaigns.get(connection, await campaigns.add(connection, body, by, at))

    async def change_campaign(self, campaign_id: UUID, body: CampaignBody, by: str, at: datetime) -> Campaign:
        """Make a campaign that has not begun what `body` says. BadTemplate; NoSuchCampaign; NotInThisState."""
        checked(Words(subject=body.subject, text=body.text, html=body.html))
        async with self._deciding() as connection:
            await campaigns.lock(connection, campaign_id, ("draft", "scheduled"))
            await campaigns.change(connection, campaign_id, body, by, at)
            return await campaigns.get(connection, campaign_id)

    async def remove_campaign(self, campaign_id: UUID) -> None:
        """Delete a campaign that is not under way; what was sent of it stays. NoSuchCampaign; NotInThisState."""
        async with self._deciding() as connection:
            await campaigns.lock(connection, campaign_id, ("draft", "stopped", "sent"))
            await campaigns.remove(connection, campaign_id)

    async def audience(self, audience: Audience, limit: int = SHOWN) -> AudienceView:
        """Who would get a campaign now."""
        async with self._reading() as connection:
            language = (await policy_in(connection)).default_language
            return await audiences.view(connection, audience, language, limit)

    async def launch(self, campaign_id: UUID, by: str, at: datetime, when: datetime | None = None) -> Campaign:
        """Have a campaign sent: the people are chosen when it begins, now or (`when`) later.

        MailNotSetUp; NoSuchCampaign; NotInThisState; NobodyToMail.
        """
        async with self._deciding() as connection:
            policy = await policy_in(connection)
            if missing := lacking(policy, await sealed.names(connection)) or _unreachable(policy):
                raise MailNotSetUp(missing)
            await campaigns.lock(connection, campaign_id, ("draft", "scheduled"))
            if when is not None and when > at:
                await campaigns.set_state(connection, campaign_id, "scheduled", by, at, scheduled_at=when)
            else:
                await campaigns.begin(connection, campaign_id, policy.default_language, by, at)
            return await campaigns.get(connection, campaign_id)

    async def begin_scheduled(self, at: datetime) -> list[Campaign]:
        """Begin the campaigns whose time has come, and tell which; one that would reach nobody is over."""
        begun = []
        async with self._deciding() as connection:
            language = (await policy_in(connection)).default_language
            for campaign_id in await campaigns.due(connection, at):
                by = (await campaigns.get(connection, campaign_id)).changed_by
                try:
                    await campaigns.begin(connection, campaign_id, language, by, at)
                except NobodyToMail:
                    await campaigns.set_state(connection, campaign_id, "sent", by, at)
                begun.append(await campaigns.get(connection, campaign_id))
        return begun

    async def finish_campaigns(self, at: datetime) -> None:
        """Those of which nothing is left to be sent are over."""
        async with self._pool.acquire() as connection:
            await campaigns.finish(connection, at)

    async def pause(self, campaign_id: UUID, by: str, at: datetime) -> Campaign:
        """Let what is not sent yet wait. NoSuchCampaign; NotInThisState."""
        return await self._turn(campaign_id, "sending", "paused", by, at)

    async def resume(self, campaign_id: UUID, by: str, at: datetime) -> Campaign:
        """Go on with a paused campaign. NoSuchCampaign; NotInThisState."""
        return await self._turn(campaign_id, "paused", "sending", by, at)

    async def stop(self, campaign_id: UUID, by: str, at: datetime) -> Campaign:
        """Send no more of it, for good; one that has not begun is a draft again. NoSuchCampaign; NotInThisState."""
        async with self._deciding() as connection:
            state = await campaigns.lock(connection, campaign_id, ("scheduled", "sending", "paused"))
            after: CampaignState = "draft" if state == "scheduled" else "stopped"
            await campaigns.set_state(connection, campaign_id, after, by, at)
            return await campaigns.get(connection, campaign_id)

    async def unsubscribed(self, person_id: UUID) -> Unsubscribed | None:
        """Since when a person wants no campaigns; None: they get them."""
        async with self._pool.acquire() as connection:
            return await optouts.get(connection, person_id)

    async def unsubscribe(self, person_id: UUID, how: str, at: datetime) -> bool:
        """Send a person no more campaigns; False if that was so already. NoSuchPerson."""
        async with self._pool.acquire() as connection:
            return await optouts.add(connection, person_id, at, how)

    async def resubscribe(self, person_id: UUID) -> bool:
        """Send a person campaigns again; False if that was so already."""
        async with self._pool.acquire() as connection:
            return await optouts.remove(connection, person_id)

    async def _turn(
        self, campaign_id: UUID, allowed: CampaignState, state: CampaignState, by: str, at: datetime
    ) -> Campaign:
        async with self._deciding() as connection:
            await campaigns.lock(connection, campaign_id, (allowed,))
            await campaigns.set_state(connection, campaign_id, state, by, at)
            return await campaigns.get(connection, campaign_id)


def _unreachable(policy: MailPolicy) -> str:
    if policy.public_url:
        return ""
    return "Campaigns need a link to unsubscribe: enter the address of Showrunner, as people reach it, first"
