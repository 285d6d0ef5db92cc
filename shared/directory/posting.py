"""Messages on their way: each is written down before it is sent, so that it arrives once at most.

It is due, then claimed by the attempt of a run, then `sending` right before it goes out, then closed. What a dead
attempt had claimed is sent by another; what it was sending is `uncertain`, and is sent again only if a person says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shared.mail.terms import DeliveryState, Due, Event, Kind

from . import campaigns, deliveries, sending, templates
from .deliveries import Trial
from .mailrecords import Claimant, Closed, Closing, Delivery, DeliveryQuery, Opening, Outgoing, Recovered, Waiting
from .mailsetup import MailSetUp

# Longer than any notice may be caught up, so that none of it is planned twice.
REMEMBERED = timedelta(days=60)


class Posting(MailSetUp):
    """What is written down to be sent, and what became of it. `by` is who decides; `at` is now."""

    async def known_keys(self, at: datetime) -> set[str]:
        """The keys of notices that were written down, of all that could be due now."""
        async with self._pool.acquire() as connection:
            return await deliveries.keys(connection, at - REMEMBERED)

    async def plan(self, dues: Sequence[Due], at: datetime) -> int:
        """Write down what is to be sent; how much of it was not written down before."""
        async with self._pool.acquire() as connection:
            return await deliveries.plan(connection, dues, at)

    async def plan_trial(self, trial: Trial, by: str, at: datetime) -> UUID:
        """Have a template or campaign sent to one address; the delivery's id. NoSuchTemplate; NoSuchCampaign."""
        async with self._deciding() as connection:
            if trial.template_id is not None:
                await templates.get(connection, trial.template_id)
            elif trial.campaign_id is not None:
                await campaigns.get(connection, trial.campaign_id)
            return await deliveries.add_trial(connection, trial, by, at)

    async def recover(self, claimant: Claimant, at: datetime, stale_after: timedelta) -> Recovered:
        """Take from dead attempts what they had in hand: earlier ones of this run, and any that claimed it so long ago.

        `stale_after` is longer than any run may last.
        """
        async with self._pool.acquire() as connection:
            return await sending.recover(connection, claimant, at, stale_after)

    async def waiting(
        self, at: datetime, limit: int, *, kinds: Collection[Kind], events: Collection[Event] | None = None
    ) -> Waiting:
        """What `claim` would find: how much, and up to `limit` of it."""
        async with self._pool.acquire() as connection:
            return await sending.waiting(connection, limit, kinds=kinds, events=events, at=at)

    async def closed_by(self, run: UUID, at: datetime, limit: int) -> Closed:
        """What the attempts of a run have closed, and does not wait now; the first `limit` of it."""
        async with self._pool.acquire() as connection:
            return await sending.closed_by(connection, run, limit, at)

    async def claim(
        self,
        claimant: Claimant,
        limit: int,
        at: datetime,
        *,
        kinds: Collection[Kind],
        events: Collection[Event] | None = None,
    ) -> list[Outgoing]:
        """Take up to `limit` messages that wait; nobody else gets these. `events`: of notices, those alone."""
        async with self._pool.acquire() as connection:
            return await sending.claim(
                connection, claimant, limit, kinds=kinds, events=events, at=at, zone=self._zone.key
            )

    async def start(self, claimant: Claimant, opening: Opening) -> bool:
        """Say that a message is about to go out. False: it must not, it is not this attempt's any more."""
        async with self._pool.acquire() as connection:
            return await sending.start(connection, claimant, opening)

    async def close(self, claimant: Claimant, closing: Closing, at: datetime) -> DeliveryState | None:
        """Say what became of a message, and tell what it is then: `due`, if it is refused and has a second address.

        None: it is not this attempt's to say any more; nothing is written.
        """
        async with self._pool.acquire() as connection:
            return await sending.close(connection, claimant, closing, at)

    async def release(self, claimant: Claimant) -> None:
        """Give back what was claimed and has not gone out."""
        async with self._pool.acquire() as connection:
            await sending.release(connection, claimant)

    async def sent_by_hour(self, at: datetime) -> dict[int, int]:
        """How many messages went out in each hour of the last day; hours are counted from the Unix epoch."""
        async with self._pool.acquire() as connection:
            return await sending.sent_by_hour(connection, at)

    async def deliveries(self, query: DeliveryQuery) -> list[Delivery]:
        """A page of deliveries, the newest first."""
        async with self._pool.acquire() as connection:
            return await deliveries.listed(connection, query)

    async def count_deliveries(self, query: DeliveryQuery) -> int:
        """How many deliveries the query fits, whatever its page."""
        async with self._pool.acquire() as connection:
            return await deliveries.count(connection, query)

    async def delivery(self, delivery_id: UUID) -> Delivery:
        """One delivery. NoSuchDelivery."""
        async with self._pool.acquire() as connection:
            return await deliveries.get(connection, delivery_id)

    async def resend(self, delivery_id: UUID, by: str, at: datetime) -> Delivery:
        """Have a message sent again, to where the person has their mail now; its Message-ID stays the same.

        NoSuchDelivery; NotInThisState: it is waiting, or in somebody's hands.
        """
        async with self._pool.acquire() as connection:
            return await deliveries.resend(connection, delivery_id, by, at)
