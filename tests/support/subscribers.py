"""People, accounts and servers as values, to try the rules of access on."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from shared.access.terms import Holding, Libraries, Servings, Subscriber, Subscription

TODAY = date(2026, 3, 2)
YESTERDAY = date(2026, 3, 1)
PLAN, OTHER_PLAN = UUID(int=1), UUID(int=2)
SERVER = UUID(int=3)

NONE: Libraries = frozenset()
RUNS = Subscription(plan_id=PLAN, started_on=date(2026, 1, 1), expires_on=date(2026, 12, 31))
ENDED = Subscription(plan_id=PLAN, started_on=date(2026, 1, 1), expires_on=YESTERDAY, ended_for=YESTERDAY)


def person(number: int = 1, **values: Any) -> Subscriber:
    """A managed person, unless `values` says otherwise."""
    usual: dict[str, Any] = {"id": UUID(int=100 + number), "name": f"Person {number}", "managed": True}
    return Subscriber(**(usual | values))


def account(subscriber: Subscriber, **values: Any) -> Holding:
    """A friend's active account with nothing, unless `values` says otherwise."""
    number = subscriber.id.int
    usual: dict[str, Any] = {
        "account_id": UUID(int=1000 + number),
        "person_id": subscriber.id,
        "outside_id": str(number),
        "title": subscriber.name,
        "role": "friend",
        "state": "active",
    }
    return Holding(**(usual | values))


def server(*pairs: tuple[Subscriber, Holding], **values: Any) -> Servings:
    """A Plex server with the libraries 1 to 5, of which the plan gives 1 and 2, unless `values` says otherwise."""
    usual: dict[str, Any] = {
        "server_id": SERVER,
        "kind": "plex",
        "name": "Attic",
        "titles": {number: f"Library {number}" for number in range(1, 6)},
        "outside_ids": {number: str(number) for number in range(1, 6)},
        "plans": {PLAN: frozenset({1, 2})},
        "people": {subscriber.id: subscriber for subscriber, _ in pairs},
        "holdings": tuple(holding for _, holding in pairs),
    }
    return Servings(**(usual | values))
