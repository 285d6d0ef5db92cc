"""The checker of storms finds what is wrong, and a storm can be had again."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.specs import Spec
from tests.chaos.storm import slots
from tests.chaos.storm.audit import Account, Audit
from tests.chaos.storm.load import STEPS, effects
from tests.chaos.storm.weather import DECK, forecast
from tests.support.handlers import every, spec

SERVICES = {"scheduler-1": ("nats",), "gateway-1": ("nats", "postgres")}
SECOND = 1000
NOW = 100 * SECOND
QUEUES = spec("stamp_1", every(SECOND), overlap="queue", catch_up="latest")
SKIPS = spec("stamp_2", every(SECOND), overlap="skip", catch_up="all")


def fired(second: int) -> slots.Entry:
    return skipped(second, second, "")


def skipped(first: int, last: int, why: str, **more: Any) -> slots.Entry:
    usual = {"count": last - first + 1, "at": NOW}
    return slots.Entry(first=first * SECOND, last=last * SECOND, why=why, **(usual | more))


def faults(*entries: slots.Entry, job: Spec = QUEUES, until: int = 3, paused: bool = False) -> str:
    return "; ".join(slots.faults(job, entries, 500, until * SECOND, paused=paused))


def test_slots_that_are_all_accounted_for() -> None:
    assert faults(fired(1), skipped(2, 3, "merged"), fired(4)) == ""
    assert faults(fired(1), skipped(2, 2, "overlap"), fired(3), job=SKIPS) == ""
    assert faults(skipped(1, 3, "paused"), paused=True) == ""


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ((fired(1), fired(3)), "lost: the slots from 2000 up to 3000"),
        ((fired(2), fired(3)), "lost: the slots from 1000 up to 2000"),
        ((fired(1), fired(2)), "lost: the slots from 3000 up to 3000"),
        ((fired(1), fired(1), fired(2), fired(3)), "doubled: slot 1000 counts twice"),
        ((fired(1), skipped(1, 3, "merged")), "doubled: slot 1000 counts twice"),
        ((fired(1), skipped(2, 3, "merged", count=3)), "has counted wrongly"),
        ((fired(1), slots.Entry(first=1500, last=1500, count=1, why="", at=NOW), fired(2)), "that are no slots"),
        ((fired(1), fired(2), skipped(3, 3, "overlap")), "lets slots wait"),
        ((skipped(1, 3, "downtime"),), "this job catches up"),
        ((skipped(1, 3, "paused"),), "nobody paused it"),
        ((skipped(1, 3, "by_hand"),), "nobody asked for it"),
        ((skipped(1, 3, "merged", at=3 * SECOND),), "no newer slot was due"),
        ((skipped(1, 3, "", at=500),), "before it was due"),
    ],
)
def test_slots_that_are_not(entries: tuple[slots.Entry, ...], fault: str) -> None:
    assert fault in faults(*entries)


def account(**more: Any) -> Account:
    """One run of a job that has one effect."""
    usual: dict[str, Any] = {
        "ticks": Counter({"run": 1}),
        "job_of": {"run": "stamp_1"},
        "ended": {"run": {"succeeded"}},
    }
    return Account(**(usual | more))


def audited(promised: dict[str, str] | None = None, asked: tuple[str, ...] = ("run",), **more: Any) -> list[str]:
    audit = Audit([QUEUES], 0, account(**more))
    return [*audit.of_runs(promised or {}), *audit.of_effects(Counter(asked))]


def test_runs_and_effects() -> None:
    assert audited() == []
    assert audited(ticks=Counter({"run": 2})) == ["doubled: run run has 2 ticks"]
    assert audited(ended={}) == ["lost: the end of run run"]
    assert audited(ticks=Counter()) == ["run run ended and has no tick"]
    assert audited(promised={"other": "stamp_1"}) == ["lost: run other of stamp_1, which was promised"]
    assert audited(ended={"run": {"failed"}}) == ["run run of stamp_1 ended as {'failed'}"]
    assert audited(asked=()) == ["lost: effect run"]
    assert audited(asked=("run", "stray")) == ["effect stray belongs to no run"]
    assert audited(asked=("run", "run")) == []
    assert len(effects("steps_1", UUID(int=1))) == STEPS


def test_a_storm_can_be_had_again() -> None:
    assert forecast(7, 600, SERVICES) == forecast(7, 600, SERVICES) != forecast(8, 600, SERVICES)


def test_every_kind_strikes_before_any_strikes_too_often() -> None:
    struck = Counter(gust.kind for gust in forecast(7, 600, SERVICES))
    assert struck.keys() == DECK.keys()


def test_a_gust_that_is_not_to_be_had_changes_nothing_else() -> None:
    without = forecast(7, 600, SERVICES, {"clock"})
    assert without == tuple(gust for gust in forecast(7, 600, SERVICES) if gust.kind != "clock")


def test_links_join_what_talks() -> None:
    links = {gust.target for gust in forecast(7, 3000, SERVICES) if gust.kind in ("cut", "silence", "slow")}
    assert links == {f"{service} {server}" for service, servers in SERVICES.items() for server in servers}
