"""What people decide about people: plans, subscriptions, rules, suspensions, invitations, and who is one person.

Each method is one transaction. It locks the people whom it is about, writes down in their history what changed, by
whom, and leaves their states right.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import asyncpg

from shared.access.terms import AccessPolicy, Effect

from . import cards, events, inviting, joining, managing, people, plans, rules, standing, subscribing
from .connections import Lone
from .servers import Connection
from .subscribers import (
    GiftResult,
    PeopleQuery,
    PersonBody,
    PersonCard,
    PersonEdit,
    PersonEvent,
    PlanBody,
    Rule,
    StateChange,
    SubscriptionPlan,
    SubscriptionQuery,
)

PAGE = 100  # rows of a listing unless told


class Membership:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`. `by` is who decides; `today` a day in the settings' zone.

    All methods about a person raise NoSuchPerson.
    """

    def __init__(self, pool: asyncpg.Pool | Lone) -> None:
        self._pool = pool

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Membership]:
        """A membership of which all is written together when the block ends, or (an exception) nothing at all.

        What one of its methods refuses undoes that method alone. Its methods must not run at the same time.
        """
        async with self._deciding() as connection:
            yield Membership(Lone(connection))

    async def plans(self) -> list[SubscriptionPlan]:
        """All subscription plans, by name."""
        async with self._pool.acquire() as connection:
            return await plans.listed(connection)

    async def plan(self, plan_id: UUID) -> SubscriptionPlan:
        """One subscription plan. NoSuchPlan."""
        async with self._pool.acquire() as connection:
            return await plans.get(connection, plan_id)

    async def add_plan(self, body: PlanBody) -> SubscriptionPlan:
        """Add a subscription plan. NameTaken; NoSuchLibrary."""
        async with self._deciding() as connection:
            return await plans.add(connection, body)

    async def change_plan(self, plan_id: UUID, body: PlanBody, by: str) -> SubscriptionPlan:
        """Make a plan what `body` says; last days stay as they are. NoSuchPlan; NameTaken; NoSuchLibrary."""
        async with self._deciding() as connection:
            before = await plans.get(connection, plan_id, lock=True)
            after = await plans.change(connection, plan_id, body)
            if set(before.libraries) != set(after.libraries):
                await events.plan_changed(connection, by, before, after)
            return after

    async def remove_plan(self, plan_id: UUID) -> None:
        """Delete a plan that nobody has. NoSuchPlan; PlanInUse."""
        async with self._deciding() as connection:
            await plans.remove(connection, plan_id)

    async def cards(self, query: PeopleQuery) -> list[PersonCard]:
        """A page of people by name."""
        async with self._reading() as connection:
            return await cards.listed(connection, query)

    async def count(self, query: PeopleQuery) -> int:
        """How many people the query fits, whatever its page."""
        async with self._pool.acquire() as connection:
            return await cards.count(connection, query)

    async def subscribed(self, query: SubscriptionQuery) -> list[PersonCard]:
        """A page of people with a subscription, by last day."""
        async with self._reading() as connection:
            return await cards.by_last_day(connection, query)

    async def card(self, person_id: UUID) -> PersonCard:
        """One person."""
        async with self._reading() as connection:
            return await cards.get(connection, person_id)

    async def add_person(self, body: PersonBody, by: str) -> PersonCard:
        """Add somebody, of whom no server knows yet."""
        async with self._deciding() as connection:
            person_id = await people.add(connection, body)
            await events.add(connection, person_id, by, "added", after=body)
            return await cards.get(connection, person_id)

    async def edit_person(self, person_id: UUID, edit: PersonEdit, by: str) -> PersonCard:
        """Change what is said of a person."""
        async with self._deciding() as connection:
            before, after = await people.edit(connection, person_id, edit)
            if before != after:
                await events.add(connection, person_id, by, "edited", before=before, after=after)
            return await cards.get(connection, person_id)

    async def subscribe(
        self,
        person_id: UUID,
        plan_id: UUID | None = None,
        expires_on: date | None = None,
        keep_present: bool = True,
        *,
        for_life: bool = False,
        by: str,
        today: date,
        policy: AccessPolicy,
    ) -> None:
        """Give a person a subscription, or another one in place of theirs. NoSuchPlan.

        Without `expires_on` it lasts as long as the plan says, from today; without a plan, or with one that has no
        length, for life. `keep_present`: what the person has now and the plan does not give, they keep by rules, if
        this is the first decision about them. A person who was removed is back.
        """
        async with self._about([person_id], by, today, policy, back=True) as connection:
            await subscribing.subscribe(
                connection, person_id, plan_id, expires_on, for_life=for_life, keep=keep_present, by=by, today=today
            )

    async def renew(
        self, person_id: UUID, days: int | None = None, *, by: str, today: date, policy: AccessPolicy
    ) -> date:
        """Move the last day by `days`, or by the plan's length; the new last day. NotSubscribed; ForLife; NoLength."""
        async with self._about([person_id], by, today, policy, back=True) as connection:
            return await subscribing.renew(connection, person_id, days, kind="renewed", by=by, today=today)

    async def gift(
        self, person_ids: Sequence[UUID], days: int, note: str = "", *, by: str, today: date, policy: AccessPolicy
    ) -> list[GiftResult]:
        """Move the last days of many people by `days`; one result each. Who can't be given any stops nobody else."""
        async with self._deciding() as connection:
            results = await subscribing.gift(connection, person_ids, days, note, by=by, today=today)
            given = [result.person_id for result in results if not result.error]
            await standing.refresh(connection, given, today, policy, by, back=True)
            return results

    async def unsubscribe(self, person_id: UUID, *, by: str, today: date, policy: AccessPolicy) -> None:
        """End a subscription: from now on only rules give the person anything, without end. NotSubscribed."""
        async with self._about([person_id], by, today, policy) as connection:
            await subscribing.unsubscribe(connection, person_id, by)

    async def suspend(self, person_id: UUID, why: str, *, by: str, today: date, policy: AccessPolicy) -> None:
        """Take all access until `unsuspend`, but what the person has always."""
        async with self._about([person_id], by, today, policy) as connection:
            await managing.manage(connection, person_id, by)
            if await people.suspend(connection, person_id, why):
                await events.add(connection, person_id, by, "suspended", note=why)

    async def unsuspend(self, person_id: UUID, *, by: str, today: date, policy: AccessPolicy) -> None:
        """Let a suspended person have what is theirs again."""
        async with self._about([person_id], by, today, policy) as connection:
            if await people.unsuspend(connection, person_id):
                await rules.end_always(connection, person_id)
                await events.add(connection, person_id, by, "unsuspended")

    async def remove(self, person_ids: Collection[UUID], note: str = "", *, by: str) -> None:
        """Put people aside: they have nothing, and are no longer looked after. Nobody is deleted."""
        async with self._deciding() as connection:
            await standing.remove(connection, person_ids, by, note)

    async def bring_back(
        self, person_ids: Collection[UUID], *, by: str, today: date, policy: AccessPolicy
    ) -> list[StateChange]:
        """Undo `remove`."""
        async with self._deciding() as connection:
            await people.lock(connection, person_ids)
            return await standing.refresh(connection, person_ids, today, policy, by, back=True)

    async def set_rule(
        self, person_id: UUID, library_id: UUID, effect: Effect | None, note: str = "", *, by: str
    ) -> None:
        """Make an exception for one library, another one, or (None) none. NoSuchLibrary."""
        async with self._deciding() as connection:
            await people.lock(connection, [person_id])
            if effect is not None:
                await managing.manage(connection, person_id, by)
            await rules.decide(connection, person_id, {library_id: effect}, origin="person", who=by, note=note)

    async def rules(self, person_id: UUID) -> list[Rule]:
        """A person's exceptions; none for a person who is not there."""
        async with self._pool.acquire() as connection:
            return await rules.of_person(connection, person_id)

    async def merge(self, into: UUID, other: UUID, *, by: str, today: date, policy: AccessPolicy) -> PersonCard:
        """Make two people one: `into` gets accounts, history, and whatever of `other` does not clash with their own.

        `other` is no more. Clash: it is the same person, or both have a subscription.
        """
        async with self._about([into, other], by, today, policy) as connection:
            await joining.merge(connection, into, other, by)
        return await self.card(into)

    async def assign_account(
        self, account_id: UUID, person_id: UUID, *, by: str, today: date, policy: AccessPolicy
    ) -> None:
        """Say whose account it is; what it has comes along if nobody has decided about it yet. NoSuchAccount."""
        async with self._deciding() as connection:
            both = await joining.assign(connection, account_id, person_id, by)
            await standing.refresh(connection, both, today, policy, by)

    async def want_account(
        self, person_id: UUID, server_id: UUID, *, by: str, today: date, policy: AccessPolicy
    ) -> UUID:
        """Have a person invited to a Plex server; the id of the account to be.

        NoSuchServer; NotInvitable: no e-mail address, no Plex server, or they have an account there.
        """
        async with self._about([person_id], by, today, policy, back=True) as connection:
            return await inviting.want(connection, person_id, server_id, by)

    async def unwant_account(self, account_id: UUID, *, by: str, today: date, policy: AccessPolicy) -> None:
        """Have nobody invited after all. NoSuchAccount: the invitation is sent, or was never wanted."""
        async with self._deciding() as connection:
            person_id = await inviting.unwant(connection, account_id, by)
            await standing.refresh(connection, [person_id], today, policy, by)

    async def events(self, person_id: UUID, after: int | None = None, limit: int = PAGE) -> list[PersonEvent]:
        """A page of what happened to a person, the newest first: those older than the event `after`."""
        async with self._pool.acquire() as connection:
            return await events.of_person(connection, person_id, after, limit)

    async def refresh_states(
        self, person_ids: Collection[UUID] | None = None, *, today: date, policy: AccessPolicy, by: str
    ) -> list[StateChange]:
        """Make states what they should be today, of some people or of all, and tell whose are others now.

        While an invitation is open, the person's last day is put off so that they lose nothing by accepting late.
        A removed person whom a server gives libraries again is back.
        """
        async with self._deciding() as connection:
            return await standing.refresh_all(connection, person_ids, today, policy, by)

    @asynccontextmanager
    async def _about(
        self, person_ids: Collection[UUID], by: str, today: date, policy: AccessPolicy, *, back: bool = False
    ) -> AsyncIterator[Connection]:
        async with self._deciding() as connection:
            await people.lock(connection, person_ids)
            yield connection
            await standing.refresh(connection, person_ids, today, policy, by, back=back)

    @asynccontextmanager
    async def _deciding(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Connection]:
        # One snapshot for people and their accounts; inside a transaction that is open already, its own rules hold.
        async with self._pool.acquire() as connection:
            if connection.is_in_transaction():
                yield connection
                return
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
