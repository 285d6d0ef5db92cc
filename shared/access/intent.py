"""What a person should have on a server, and why."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

from .states import has_ended
from .terms import Effect, Holding, Libraries, Servings, Subscriber

Code = Literal[
    "library_gone",  # the library is not there any more
    "owner",  # owners and administrators are never touched
    "admin",
    "account_removed",  # the account is not there any more
    "unmanaged",  # nobody has decided anything about the person yet: left as found
    "pending",  # the invitation is open: left as it is until it is accepted
    "rule_always",
    "removed",  # the person was removed
    "suspended",
    "ended",  # the subscription's last day is over
    "rule_deny",
    "plan",
    "rule_allow",
    "no_plan",  # no plan and no rule gives it
    "not_in_plan",  # there is a plan, but neither it nor a rule gives it
]
"""Stable: the page has words for each. Where a rule comes from stands with the rule."""


class Reason(Struct, frozen=True, kw_only=True):
    """Why a person should have a library, or should not. `plan_id`: the plan that gives it, or does not."""

    code: Code
    plan_id: UUID | None = None


def entitled(subscriber: Subscriber) -> bool:
    """Whether plan and rules give this person anything beyond what they have `always`."""
    if not subscriber.managed or subscriber.suspended or subscriber.state == "removed":
        return False
    return subscriber.subscription is None or not has_ended(subscriber.subscription)


def intended(subscriber: Subscriber, servings: Servings) -> Libraries:
    """The libraries of those there that a managed person should have; nothing is intended for one who is not."""
    if entitled(subscriber):
        wanted, exceptions = _planned(subscriber, servings), _ruled(subscriber, "allow", "always")
    else:
        wanted, exceptions = frozenset(), _ruled(subscriber, "always")
    return ((wanted | exceptions) - _ruled(subscriber, "deny")).intersection(servings.titles)


def why(subscriber: Subscriber, holding: Holding, number: int, servings: Servings) -> Reason:
    """Why the account should have the library `number` of this server, or should not, or why it is left alone."""
    if code := _left_alone(subscriber, holding, number, servings):
        return Reason(code=code)
    effect = subscriber.rules.get(number)
    if effect == "always":
        return Reason(code="rule_always")
    if not entitled(subscriber):
        return Reason(code=_not_entitled(subscriber))
    return _why_entitled(subscriber, effect, number in _planned(subscriber, servings))


def _left_alone(subscriber: Subscriber, holding: Holding, number: int, servings: Servings) -> Code | None:
    if number not in servings.titles:
        return "library_gone"
    match holding.role, holding.state:
        case ("owner" | "admin") as role, _:
            return role
        case _, "removed":
            return "account_removed"
        case _, "pending" if subscriber.managed:
            return "pending"
    return None if subscriber.managed else "unmanaged"


def _not_entitled(subscriber: Subscriber) -> Code:
    if subscriber.state == "removed":
        return "removed"
    return "suspended" if subscriber.suspended else "ended"


def _why_entitled(subscriber: Subscriber, effect: Effect | None, planned: bool) -> Reason:
    plan_id = subscriber.subscription.plan_id if subscriber.subscription else None
    if effect == "deny":
        return Reason(code="rule_deny")
    if planned:
        return Reason(code="plan", plan_id=plan_id)
    if effect == "allow":
        return Reason(code="rule_allow")
    return Reason(code="not_in_plan" if plan_id else "no_plan", plan_id=plan_id)


def _planned(subscriber: Subscriber, servings: Servings) -> Libraries:
    subscription = subscriber.subscription
    if subscription is None or subscription.plan_id is None:
        return frozenset()
    # A plan may give nothing on this server.
    return servings.plans.get(subscription.plan_id, frozenset())


def _ruled(subscriber: Subscriber, *effects: Effect) -> Libraries:
    return frozenset([number for number, effect in subscriber.rules.items() if effect in effects])
