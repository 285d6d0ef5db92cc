"""How last days are given and moved. The people concerned are locked by whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from shared.access.renewals import renewed
from shared.access.terms import Subscription

from . import events, managing, people, plans, rules, subscriptions
from .errors import DirectoryError, ForLife, NoLength, NotSubscribed
from .servers import Connection
from .subscribers import GiftResult, SubscriptionPlan


async def subscribe(
    connection: Connection,
    person_id: UUID,
    plan_id: UUID | None,
    expires_on: date | None,
    *,
    for_life: bool,
    keep: bool,
    by: str,
    today: date,
) -> None:
    """Give a subscription, or another one. NoSuchPlan."""
    plan = None if plan_id is None else await plans.get(connection, plan_id)
    if expires_on is None and not for_life and plan is not None and plan.days is not None:
        expires_on = renewed(None, today, plan.days)
    before = await subscriptions.get(connection, person_id)
    await subscriptions.put(connection, person_id, plan_id, today, None if for_life else expires_on)
    after = await subscriptions.get(connection, person_id)
    await managing.manage(connection, person_id, by, keep=keep)
    if before != after:
        was = None if before is None else await _told(connection, before)
        await rules.end_always(connection, person_id)
        await events.add(connection, person_id, by, "subscribed", before=was, after=_words(after, plan))


async def renew(
    connection: Connection,
    person_id: UUID,
    days: int | None,
    *,
    kind: Literal["renewed", "gifted"],
    by: str,
    today: date,
    note: str = "",
) -> date:
    """Move a last day by `days`, or by the plan's length. NotSubscribed; ForLife; NoLength."""
    subscription = await subscriptions.get(connection, person_id)
    if subscription is None:
        raise NotSubscribed("This person has no subscription: give them one first")
    if subscription.expires_on is None:
        raise ForLife("This subscription is for life: there is no last day to move")
    length = await _plan_days(connection, subscription) if days is None else days
    last_day = renewed(subscription.expires_on, today, length)
    await subscriptions.put(connection, person_id, subscription.plan_id, subscription.started_on, last_day)
    await rules.end_always(connection, person_id)
    await events.add(connection, person_id, by, kind, before=subscription.expires_on, after=last_day, note=note)
    return last_day


async def gift(
    connection: Connection, person_ids: Sequence[UUID], days: int, note: str, *, by: str, today: date
) -> list[GiftResult]:
    """Move the last days of many people; what became of each."""
    names = await people.locked(connection, person_ids)
    results = []
    for person_id in dict.fromkeys(person_ids):
        name = names.get(person_id, "")
        try:
            if person_id not in names:
                raise people.missing(person_id)
            last_day = await renew(connection, person_id, days, kind="gifted", by=by, today=today, note=note)
        except DirectoryError as error:
            results.append(GiftResult(person_id=person_id, name=name, error=str(error)))
        else:
            results.append(GiftResult(person_id=person_id, name=name, expires_on=last_day))
    return results


async def unsubscribe(connection: Connection, person_id: UUID, by: str) -> None:
    """Delete a subscription. NotSubscribed."""
    before = await subscriptions.get(connection, person_id)
    if before is None:
        raise NotSubscribed("This person has no subscription that could be ended")
    told = await _told(connection, before)
    await subscriptions.remove(connection, person_id)
    await events.add(connection, person_id, by, "unsubscribed", before=told)


async def _plan_days(connection: Connection, subscription: Subscription) -> int:
    plan = None if subscription.plan_id is None else await plans.get(connection, subscription.plan_id)
    if plan is None or plan.days is None:
        raise NoLength("This person's plan has no length: say by how many days to extend the subscription")
    return plan.days


async def _told(connection: Connection, subscription: Subscription) -> dict[str, Any]:
    plan_id = subscription.plan_id
    return _words(subscription, None if plan_id is None else await plans.get(connection, plan_id))


def _words(subscription: Subscription | None, plan: SubscriptionPlan | None) -> dict[str, Any]:
    return {"plan": plan.name if plan else "", "expires_on": subscription.expires_on if subscription else None}
