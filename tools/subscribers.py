"""Plans and subscriptions for the demonstration's household, so that the pages about people have something to tell."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Call = Callable[..., Any]

SYNCED_WITHIN_S = 60.0
DAYS_LEFT = (200, 90, 45, 29, 21, 12, 7, 5, 2, 0, -1, 150, 310, 61)
"""Of one subscriber after another; most have long to go, some are due soon, and one in a while is over."""


def subscribe_all(call: Call) -> None:
    """Three plans, and a subscription for nearly everybody who is a guest. `call` is the API, with an administrator."""
    _wait_for_people(call)
    plans = [call("POST", "/api/plans", body) for body in _plans(call("GET", "/api/libraries")["libraries"])]
    guests = [person for person in call("GET", "/api/people?limit=500")["people"] if _is_guest(person)]
    today = datetime.now(UTC).date()
    for index, (person, days) in enumerate(zip(guests, itertools.cycle(DAYS_LEFT), strict=False)):
        if index % 9 == 8:
            continue  # somebody about whom nobody has decided yet
        plan = plans[index % len(plans)]
        last_day = None if plan["days"] is None else str(today + timedelta(days=days))
        body = {"plan_id": plan["id"], "expires_on": last_day}
        call("PUT", f"/api/people/{person['id']}/subscription", body)


def _wait_for_people(call: Call) -> None:
    deadline = time.monotonic() + SYNCED_WITHIN_S
    kinds = {server["kind"] for server in call("GET", "/api/servers")["servers"]} - {"shoko"}
    while time.monotonic() < deadline:
        accounts = call("GET", "/api/people?limit=500")["people"]
        if {account["kind"] for person in accounts for account in person["accounts"]} >= kinds:
            return
        time.sleep(0.2)
    raise SystemExit("The servers were not synced; the log is above.")


def _plans(libraries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    every = [library["id"] for library in libraries]
    films = [library["id"] for library in libraries if library["kind"] in ("movies", "shows")]
    return [
        {"name": "Films and series", "days": 30, "stream_limit": 2, "libraries": films},
        {"name": "Everything", "days": 365, "stream_limit": 4, "libraries": every},
        {"name": "Family", "days": None, "libraries": every, "notes": "For life"},
    ]


def _is_guest(person: dict[str, Any]) -> bool:
    accounts = person["accounts"]
    return bool(accounts) and not any(account["role"] in ("owner", "admin") for account in accounts)
