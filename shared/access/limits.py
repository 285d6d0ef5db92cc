"""How many people a run may take libraries from before it has to wait for a person's approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from .states import has_ended
from .terms import AccessPolicy, Decision, Servings, Subscriber


def losers(decisions: Iterable[Decision], people: Mapping[UUID, Subscriber]) -> frozenset[UUID]:
    """The people who would lose a library, but for those whose end a person has approved."""
    losing = {decision.person_id for decision in decisions if decision.take}
    return frozenset(person_id for person_id in losing if not _approved(people[person_id]))


def holders(servings: Iterable[Servings]) -> frozenset[UUID]:
    """The people who have something on these servers."""
    return frozenset(holding.person_id for server in servings for holding in server.holdings if holding.observed)


def too_much(losers: int, holders: int, policy: AccessPolicy) -> str:
    """Why that many losers are too many for a run without approval; empty if they are not.

    `holders`: how many people have something, the losers included.
    """
    if losers > policy.most_people:
        people = "1 person" if losers == 1 else f"{losers} people"
        return f"{people} would lose access; more than {policy.most_people} needs approval"
    # Divided, not multiplied: 29 of 100 is 0.29 exactly as it is written, while 0.29 x 100 is a little less than 29.
    if losers > 1 and losers / max(holders, losers) > policy.most_share:
        return f"{losers} of {holders} people would lose access; more than {policy.most_share * 100:g} % needs approval"
    return ""


def _approved(subscriber: Subscriber) -> bool:
    subscription = subscriber.subscription
    return subscription is not None and subscription.end_approved and has_ended(subscription)
