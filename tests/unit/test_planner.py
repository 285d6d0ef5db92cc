"""The planner's rules: each slot fired or accounted for, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scheduler.entries import expect, settle
from services.scheduler.jobs import Job, Timing, to_time
from services.scheduler.planner import GRACE_MS, QUIET_MS, Decision, Fire, Skip, decide, next_wake
from shared.contracts.controls import Control
from shared.contracts.ids import new_run
from shared.contracts.specs import Calendar, Interval

MINUTE = 60_000
START = 1_800_000_000_000 // MINUTE * MINUTE


def job(**timing: object) -> Job:
    """A job due every minute on the minute, all accounted for until START."""
    defaults = {"name": "tidy", "category": "maintenance", "schedule": Interval(every_ms=MINUTE)}
    return Job(Timing(**(defaults | timing)), START, "UTC")  # type: ignore[arg-type]


def decide_all(subject: Job, now: int) -> list[Decision]:
    """Decisions until there is none; runs end at once."""
    made: list[Decision] = []
    while (decision := decide(subject, now)) is not None:
        settle(subject, decision, len(made))
        subject.active = None
        made.append(decision)
    return made


def test_nothing_is_due_before_the_slot() -> None:
    assert decide(job(), START + MINUTE - 1) is None
    assert next_wake(job(), START) == START + MINUTE


def test_a_slot_fires_when_it_is_due() -> None:
    assert decide(job(), START + MINUTE) == Fire(START + MINUTE)


def test_jitter_delays_the_slot_and_not_its_name() -> None:
    subject = job(schedule=Interval(every_ms=MINUTE, jitter_ms=30_000))
    due = subject.timetable.due(START + MINUTE)
    assert START + MINUTE <= due < START + MINUTE + 30_000
    assert decide(subject, due - 1) is None
    assert decide(subject, due) == Fire(START + MINUTE)


def test_a_slot_during_a_run_is_skipped() -> None:
    subject = job()
    subject.active = new_run()
    slot = START + MINUTE
    assert decide(subject, slot) == Skip(slot, slot, 1, "overlap")


def test_a_slot_during_a_run_waits_when_the_job_queues() -> None:
    subject = job(overlap="queue")
    subject.active = new_run()
    assert decide(subject, START + MINUTE) is None
    assert next_wake(subject, START + MINUTE) == START + 2 * MINUTE
    assert decide(subject, START + 2 * MINUTE) == Skip(START + MINUTE, START + MINUTE, 1, "merged")
    settle(subject, Skip(START + MINUTE, START + MINUTE, 1, "merged"), 1)
    assert decide(subject, START + 2 * MINUTE) is None
    subject.active = None
    assert decide(subject, START + 3 * MINUTE - 1) == Fire(START + 2 * MINUTE)


def test_a_waiting_slot_is_fired_however_long_it_waited() -> None:
    subject = job(overlap="queue", catch_up="none")
    subject.active = new_run()
    assert decide(subject, START + MINUTE) is None
    subject.active = None
    assert decide(subject, START + MINUTE + GRACE_MS + 1) == Fire(START + MINUTE)


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        ("none", [Skip(START + MINUTE, START + 9 * MINUTE, 9, "downtime"), Fire(START + 10 * MINUTE)]),
        ("latest", [Skip(START + MINUTE, START + 9 * MINUTE, 9, "merged"), Fire(START + 10 * MINUTE)]),
        (
            "all",
            [
                Skip(START + MINUTE, START + 7 * MINUTE, 7, "downtime"),
                *(Fire(START + n * MINUTE) for n in (8, 9, 10)),
            ],
        ),
    ],
)
def test_after_a_downtime(catch_up: str, expected: list[Decision]) -> None:
    assert decide_all(job(catch_up=catch_up, catch_up_limit=3), START + 10 * MINUTE + 5) == expected


def test_a_takeover_within_the_grace_fires_what_was_missed() -> None:
    assert decide(job(catch_up="none"), START + MINUTE + GRACE_MS - 1) == Fire(START + MINUTE)


def test_a_backlog_waits_for_the_active_run_even_where_slots_are_skipped() -> None:
    subject = job(catch_up="all", catch_up_limit=3)
    now = START + 10 * MINUTE
    first = decide(subject, now)
    assert isinstance(first, Skip)
    settle(subject, first, 1)
    assert decide(subject, now) == Fire(START + 8 * MINUTE)
    expect(subject, Fire(START + 8 * MINUTE))
    settle(subject, Fire(START + 8 * MINUTE), 2)
    assert decide(subject, now) is None
    subject.active = None
    assert decide(subject, now) == Fire(START + 9 * MINUTE)


def test_slots_of_a_disabled_job_are_accounted_for_as_such() -> None:
    subject = job(enabled=False)
    assert decide(subject, START + 3 * MINUTE) == Skip(START + MINUTE, START + 3 * MINUTE, 3, "disabled")
    assert next_wake(subject, START) == START + QUIET_MS


def test_a_pause_with_an_end_lifts_itself() -> None:
    subject = job()
    subject.control = Control(job="tidy", paused=True, paused_until=to_time(START + 150_000))
    assert decide(subject, START + 2 * MINUTE) == Skip(START + MINUTE, START + 2 * MINUTE, 2, "paused")
    settle(subject, Skip(START + MINUTE, START + 2 * MINUTE, 2, "paused"), 1)
    assert decide(subject, START + 3 * MINUTE) == Fire(START + 3 * MINUTE)


def test_a_job_that_is_paused_from_the_start_waits_for_somebody_to_resume_it() -> None:
    subject = job(paused=True)
    assert decide(subject, START + 3 * MINUTE) == Skip(START + MINUTE, START + 3 * MINUTE, 3, "paused")
    assert next_wake(subject, START) == START + QUIET_MS
    subject.control = Control(job="tidy", skip_until=to_time(START))
    assert decide(subject, START + MINUTE) == Skip(START + MINUTE, START + MINUTE, 1, "paused")
    subject.control = Control(job="tidy", paused=False)
    assert decide(subject, START + MINUTE) == Fire(START + MINUTE)


def test_after_a_downtime_the_paused_slots_are_told_from_the_missed() -> None:
    subject = job()
    subject.control = Control(job="tidy", paused=True, paused_until=to_time(START + 150_000))
    assert decide_all(subject, START + 5 * MINUTE) == [
        Skip(START + MINUTE, START + 2 * MINUTE, 2, "paused"),
        Skip(START + 3 * MINUTE, START + 4 * MINUTE, 2, "merged"),
        Fire(START + 5 * MINUTE),
    ]


def test_the_next_run_can_be_skipped_by_hand() -> None:
    subject = job()
    subject.control = Control(job="tidy", skip_until=to_time(START + MINUTE))
    assert decide_all(subject, START + 2 * MINUTE) == [
        Skip(START + MINUTE, START + MINUTE, 1, "by_hand"),
        Fire(START + 2 * MINUTE),
    ]


SCHEDULES = st.one_of(
    st.builds(Interval, every_ms=st.integers(1000, 100_000), anchor_ms=st.integers(0, 10**9)),
    st.builds(Interval, every_ms=st.just(20_000), jitter_ms=st.integers(0, 20_000)),
    st.just(Calendar(expression="*/2 * * * *", zone="Europe/Paris")),
)


@given(
    schedule=SCHEDULES,
    overlap=st.sampled_from(["skip", "queue"]),
    catch_up=st.sampled_from(["none", "latest", "all"]),
    limit=st.integers(1, 4),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["wait", "finish", "pause", "resume", "disable", "enable", "forget"]),
            st.integers(0, 400_000),
        ),
        max_size=30,
    ),
)
def test_every_slot_is_accounted_for_exactly_once(
    schedule: Interval | Calendar, overlap: str, catch_up: str, limit: int, steps: list[tuple[str, int]]
) -> None:
    """Whatever happens when, the decisions follow one another without gap or overlap, to the last due slot."""
    subject = job(schedule=schedule, overlap=overlap, catch_up=catch_up, catch_up_limit=limit)
    now, covered = START, START
    for what, later in steps:
        now += later
        _happen(subject, what, now)
        for _ in range(1000):
            decision = decide(subject, now)
            if decision is None:
                break
            first, last = (decision.slot,) * 2 if isinstance(decision, Fire) else (decision.first, decision.last)
            count = 1 if isinstance(decision, Fire) else decision.count
            assert first == subject.timetable.next_after(covered)
            assert count == subject.timetable.count_between(covered, last) >= 1
            assert subject.timetable.due(last) <= now
            assert not (isinstance(decision, Fire) and subject.active is not None)
            settle(subject, decision, 0)
            covered = last
        else:
            pytest.fail("decisions without end")
        if subject.active is None:
            assert subject.timetable.due(subject.timetable.next_after(covered)) > now
            assert next_wake(subject, now) > now


def _happen(subject: Job, what: str, now: int) -> None:
    control = subject.control or Control(job="tidy")
    match what:
        case "finish":
            subject.active = None
        case "pause":
            subject.control = replace(control, paused=True, paused_until=to_time(now) + timedelta(seconds=100))
        case "resume":
            subject.control = replace(control, paused=False, paused_until=None)
        case "disable":
            subject.control = replace(control, enabled=False)
        case "enable":
            subject.control = replace(control, enabled=True)
        case "forget":  # a new leader knows the log, and nothing else
            subject.waiting, subject.backlog = False, 0
