"""What state a person is in, and when their access ends. Days are calendar days in the zone of the settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from .terms import AccessPolicy, PersonState, Subscriber, Subscription

AccountState = Literal["active", "pending", "disabled", "removed", "wanted"]

_NOT_YET = frozenset({"pending", "wanted"})


def state_of(
    subscriber: Subscriber, accounts: Iterable[AccountState], today: date, policy: AccessPolicy
) -> PersonState:
    """The state of a person who has `accounts`. Whoever was removed stays so until a person or a sync brings them back.

    The last day itself is one of access: a subscription is `expired` from the day after.
    """
    if subscriber.state == "removed":
        return "removed"
    if subscriber.suspended:
        return "suspended"
    there = [state for state in accounts if state != "removed"]
    if there and _NOT_YET.issuperset(there):
        return "invited"
    subscription = subscriber.subscription
    if subscription is None or subscription.expires_on is None:
        return "active"
    return _state_with(days_left(subscription.expires_on, today), policy)


def days_left(expires_on: date, today: date) -> int:
    """Days until the last day: 0 on that day itself, negative after it."""
    return (expires_on - today).days


def ends(subscription: Subscription, today: date, policy: AccessPolicy) -> bool:
    """Whether the access is to end now: last day and days of grace are over, and it was not ended or spared yet."""
    last_day = subscription.expires_on
    if last_day is None or last_day in (subscription.ended_for, subscription.spared_for):
        return False
    match policy.on_expiry:
        case "disable":
            return days_left(last_day, today) < 0
        case "warn_then_disable":
            return days_left(last_day, today) < -policy.grace_days
        case "off" | "warn":
            return False


def has_ended(subscription: Subscription) -> bool:
    """Whether the access was ended for the last day that the subscription has now, and not spared since."""
    last_day = subscription.expires_on
    return last_day is not None and subscription.ended_for == last_day != subscription.spared_for


def _state_with(days: int, policy: AccessPolicy) -> PersonState:
    if days < 0:
        return "expired"
    if days <= policy.reminder_days:
        return "reminder"
    return "pre_expired" if days <= policy.pre_expired_days else "active"
