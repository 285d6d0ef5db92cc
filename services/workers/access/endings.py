"""Whose access is to end, who would lose something by it, and how that is written down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import structs

from shared.access.limits import losers
from shared.access.reconcile import reconcile
from shared.access.states import ends
from shared.access.terms import AccessPolicy, Servings, Subscriber
from shared.directory.effects import LedgerRow

from ..ledgered.counting import counted, few
from .reasons import PlanNames, over
from .standings import Ending, ending, kept

People = Mapping[UUID, Subscriber]

NOT_ENDING = frozenset({"invited", "removed"})
"""States in which there is nothing to end: whoever is invited has their last day put off."""


def due(lapsed: Sequence[Subscriber], today: date, policy: AccessPolicy) -> dict[UUID, Subscriber]:
    """The people whose access is to end today."""
    return {
        found.id: found
        for found in lapsed
        if found.state not in NOT_ENDING and found.subscription is not None and ends(found.subscription, today, policy)
    }


def would_lose(servings: Servings, people: People, policy: AccessPolicy) -> frozenset[UUID]:
    """Who of the people would lose something on this server if their access ended."""
    here = {person_id: _ended(found) for person_id, found in servings.people.items() if person_id in people}
    holdings = tuple(holding for holding in servings.holdings if holding.person_id in here)
    return losers(reconcile(structs.replace(servings, people=here, holdings=holdings), policy), here)


def rows(run: UUID, job: str, people: People, approved: Collection[UUID], plans: PlanNames) -> list[LedgerRow]:
    """One row a person, by name; their numbers are still to come."""
    return [
        LedgerRow(
            key="",
            run=run,
            job=job,
            number=0,
            kind="end",
            person_id=person_id,
            target=found.name,
            why=over(found.subscription, plans),
            before=kept(Ending(expires_on=last_day)),
            after=kept(Ending(expires_on=last_day, ended=True, approved=person_id in approved)),
        )
        for person_id, found in people.items()
        if (last_day := _last_day(found)) is not None
    ]


def still_due(row: LedgerRow, people: People) -> bool:
    """Whether the access that a row ends is to end still, for the same last day."""
    found = people.get(row.person_id) if row.person_id else None
    return found is not None and _last_day(found) == ending(row.after).expires_on


def warned(lapsed: Sequence[Subscriber]) -> str:
    """That people are past their last day, and nothing is done about it."""
    if not lapsed:
        return "nothing to do"
    names = few([found.name for found in lapsed])
    who = counted(len(lapsed), "person is", "people are")
    return f"{who} past their last day ({names}); the settings say to warn, so nothing ends"


def _last_day(subscriber: Subscriber) -> date | None:
    return subscriber.subscription.expires_on if subscriber.subscription else None


def _ended(subscriber: Subscriber) -> Subscriber:
    subscription = subscriber.subscription
    if subscription is None:
        return subscriber
    ended = structs.replace(subscription, ended_for=subscription.expires_on, spared_for=None, end_approved=False)
    return structs.replace(subscriber, subscription=ended)
