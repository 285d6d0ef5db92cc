"""Small rules of the gateway: throttle, origin, parameters, the account of slots, the table of routes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args

import pytest

from services.gateway.api.openapi import document
from services.gateway.api.params import checked_params
from services.gateway.api.problems import KINDS, Code, Problem
from services.gateway.api.routes import ROUTES
from services.gateway.api.slots import account
from services.gateway.auth.origin import same_origin
from services.gateway.auth.throttle import FREE_TRIES, LONGEST_WAIT_S, Throttle
from services.gateway.feed import FeedPlace
from services.gateway.following import met_needs
from services.gateway.store.runs import SkippedRange, SlotRun
from shared.contracts.feed import Feed
from shared.contracts.ids import first_run, slot_run
from shared.contracts.specs import Parameter

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_guessing_gets_slower_and_slower() -> None:
    throttle, keys = Throttle(), ("address a", "account b")
    waits = []
    for _ in range(FREE_TRIES + 12):
        throttle.failed(keys, 100.0)
        waits.append(throttle.wait(keys, 100.0))
    assert waits[: FREE_TRIES - 1] == [0.0] * (FREE_TRIES - 1)
    assert all(later >= earlier for earlier, later in pairwise(waits)) and waits[-1] == LONGEST_WAIT_S
    assert throttle.wait(("address c", "account b"), 100.0) == LONGEST_WAIT_S
    assert throttle.wait(("address c", "account d"), 100.0) == 0.0
    assert throttle.wait(keys, 100.0 + LONGEST_WAIT_S) == 0.0
    throttle.succeeded(keys)
    assert throttle.wait(keys, 100.0) == 0.0


def test_the_throttle_forgets_the_oldest_when_there_are_too_many() -> None:
    throttle = Throttle(most_keys=10)
    for number in range(100):
        for _ in range(FREE_TRIES):
            throttle.failed((f"account {number}",), 0.0)
    assert throttle.wait(("account 0",), 0.0) == 0.0
    assert throttle.wait(("account 99",), 0.0) > 0.0


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"Host": "here:80", "Origin": "http://here:80"}, True),
        ({"Host": "here:80", "Origin": "http://there"}, False),
        ({"Host": "here", "Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Host": "here", "Origin": "http://here"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_other_sites_pages_are_told_from_ours(headers: dict[str, str], ours: bool) -> None:
    assert same_origin(headers) is ours


PARAMETERS = (
    Parameter(name="who", title="Who", kind="text", required=True),
    Parameter(name="days", title="Days", kind="integer", default=7),
    Parameter(name="deep", title="Deep", kind="boolean"),
    Parameter(name="how", title="How", kind="choice", choices=("fast", "slow")),
)


def test_parameters_are_filled_in() -> None:
    assert checked_params(PARAMETERS, {"who": "Ann"}) == {"who": "Ann", "days": 7}
    full = {"who": "Ann", "days": 1, "deep": True, "how": "slow"}
    assert checked_params(PARAMETERS, full) == full


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "'who' is missing"),
        ({"who": 1}, "'who' must be a text"),
        ({"who": "", "days": True}, "'days' must be a whole number"),
        ({"who": "", "deep": 1}, "'deep' must be true or false"),
        ({"who": "", "how": "never"}, "'how' must be one of fast, slow"),
        ({"who": "", "x": 1}, "there is no parameter 'x'"),
    ],
)
def test_bad_parameters_are_named(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Problem, match=re.escape(complaint)) as error:
        checked_params(PARAMETERS, given)
    assert error.value.code == "bad_params"


def fired(hour: int) -> SlotRun:
    slot = START + hour * HOUR
    return SlotRun(run=slot_run("a", 0), slot=slot, due_at=slot + timedelta(seconds=2),
                   fired_at=slot + timedelta(seconds=2, milliseconds=3), state="queued", outcome=None)  # fmt: skip


def skipped(hour: int, count: int) -> SkippedRange:
    first = START + hour * HOUR
    return SkippedRange(first=first, last=first + (count - 1) * HOUR, count=count, why="paused", at=START)


def test_slots_are_merged_in_the_order_of_time_and_paged() -> None:
    page = account([fired(9), fired(3), fired(2)], [skipped(4, 5), skipped(0, 2)], limit=3)
    assert [(slot.slot.hour, slot.fired, slot.count) for slot in page.slots] == [
        (9, True, 1),
        (4, False, 5),
        (3, True, 1),
    ]
    assert page.slots[0].lateness_ms == 3 and page.slots[1].why == "paused"
    assert page.next == "2026-03-01T03:00:00Z"
    assert account([fired(1)], [], limit=3).next is None


def test_the_ids_of_a_moment_are_bounded() -> None:
    moment_ms = 1_772_323_200_000
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    assert first_run(moment) < slot_run("any", moment_ms) < first_run(moment + timedelta(milliseconds=1))


def test_needs_are_met_by_servers_of_their_kind() -> None:
    met = {"a server": True, "a Plex server": True, "a Jellyfin server": False, "a Shoko server": False}
    assert met_needs(["plex"]) == met
    assert met_needs([])["a server"] is False


def test_a_gap_in_the_feed_and_a_new_source_are_noticed() -> None:
    place = FeedPlace()
    told = [("a", 5), ("a", 6), ("a", 8), ("a", 9), ("b", 1), ("b", 2)]
    followed = [place.follows(Feed(source=source, number=number)) for source, number in told]
    assert followed == [True, True, False, True, False, True]


def test_what_the_feed_says_once_more_is_known_as_an_echo() -> None:
    place = FeedPlace()
    place.follows(Feed(source="a", number=5))
    told = [("a", 4), ("a", 5), ("a", 6), ("b", 5)]
    assert [place.heard(Feed(source=source, number=number)) for source, number in told] == [True, True, False, False]


def test_every_code_has_a_meaning() -> None:
    assert set(get_args(Code)) == set(KINDS)


def test_every_route_is_told_once_and_only_health_and_log_in_are_open() -> None:
    calls = [(route.method, route.path) for route in ROUTES]
    assert len(set(calls)) == len(calls)
    assert {call for call, route in zip(calls, ROUTES, strict=True) if route.role == "anyone"} == {
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("POST", "/api/session"),
    }
    assert all(route.role != "viewer" for route in ROUTES if route.method != "GET" and "/session" not in route.path)


def test_the_document_refers_only_to_what_it_holds() -> None:
    made = document(ROUTES)
    text = str(made)
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= set(made["components"]["schemas"])
    assert len({call["operationId"] for path in made["paths"].values() for call in path.values()}) == len(ROUTES)
