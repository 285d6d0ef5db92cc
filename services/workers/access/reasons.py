"""Why an account is changed, in words for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from shared.access.intent import Code, Reason, why
from shared.access.terms import AccessPolicy, Decision, Holding, Servings, Subscriber, Subscription

PlanNames = Mapping[UUID, str]
"""The subscription plans' names."""

WORDS: Mapping[Code, str] = {
    "rule_allow": "allowed as an exception",
    "rule_always": "always allowed",
    "rule_deny": "denied as an exception",
    "no_plan": "no plan and no exception gives it",
    "suspended": "suspended",
    "removed": "put aside",
    "library_gone": "the library is gone",
    "account_removed": "the account is gone",
    "pending": "the invitation is open",
    "unmanaged": "not managed",
    "owner": "the owner",
    "admin": "an administrator",
}
"""Of the reasons that need no more than their words."""


def changed_because(
    decision: Decision, holding: Holding, servings: Servings, policy: AccessPolicy, plans: PlanNames
) -> str:
    """Why the server is changed: "plan Family, until 2027-03-01"; several reasons with a semicolon between."""
    subscriber = servings.people[decision.person_id]
    if _reverts(decision, holding, policy):
        return f"changed by hand on {servings.name}: changed back"
    return "; ".join(dict.fromkeys(_reasons(decision, subscriber, holding, servings, plans)))


def adopted_because(servings: Servings) -> str:
    """Why there is a new exception."""
    return f"changed by hand on {servings.name}: kept as an exception"


def over(subscription: Subscription | None, plans: PlanNames) -> str:
    """That a subscription has ended: "subscription Family ended on 2026-03-01"."""
    if subscription is None or subscription.expires_on is None:
        return "access has ended"
    return f"{_subscription(subscription, plans)} ended on {subscription.expires_on}"


def _reverts(decision: Decision, holding: Holding, policy: AccessPolicy) -> bool:
    if policy.hand_edits == "adopt" or holding.settled is None:
        return False
    changed = decision.give | decision.take
    return bool(changed) and changed <= (decision.before ^ holding.settled)


def _reasons(
    decision: Decision, subscriber: Subscriber, holding: Holding, servings: Servings, plans: PlanNames
) -> Iterator[str]:
    for number in sorted(decision.give | decision.take):
        yield _told(why(subscriber, holding, number, servings), subscriber, plans)
    if decision.lock is True:
        yield _locked_because(subscriber, plans)
    if decision.lock is False:
        yield "has access again"


def _told(reason: Reason, subscriber: Subscriber, plans: PlanNames) -> str:
    match reason.code:
        case "plan":
            return _planned(reason, subscriber.subscription, plans)
        case "not_in_plan":
            return f"not in plan {_name(reason.plan_id, plans)}"
        case "ended":
            return over(subscriber.subscription, plans)
        case code:
            return WORDS[code]


def _planned(reason: Reason, subscription: Subscription | None, plans: PlanNames) -> str:
    until = f", until {subscription.expires_on}" if subscription and subscription.expires_on else ""
    return f"plan {_name(reason.plan_id, plans)}{until}"


def _locked_because(subscriber: Subscriber, plans: PlanNames) -> str:
    if subscriber.suspended:
        return "suspended"
    return "put aside" if subscriber.state == "removed" else over(subscriber.subscription, plans)


def _subscription(subscription: Subscription, plans: PlanNames) -> str:
    plan = plans.get(subscription.plan_id) if subscription.plan_id else None
    return f"subscription {plan}" if plan else "subscription"


def _name(plan_id: UUID | None, plans: PlanNames) -> str:
    # A plan may have been removed since its libraries were read.
    return plans.get(plan_id, "that is gone") if plan_id else "that is gone"
