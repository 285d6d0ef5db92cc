"""The agenda: each job is looked at when its last wake-up says, and at no other time."""

from __future__ import annotations

import gc

from services.scheduler.agenda import Agenda
from services.scheduler.jobs import Job, Timing
from shared.contracts.specs import Interval

NOW = 1_800_000_000_000


def job(name: str) -> Job:
    return Job(Timing(name=name, category="maintenance", schedule=Interval(every_ms=60_000)), NOW, "UTC")


def names(jobs: list[Job]) -> list[str]:
    return [job.timing.name for job in jobs]


def test_what_is_longest_due_comes_first_and_what_is_not_due_waits() -> None:
    agenda = Agenda()
    for name, wake in (("c", NOW + 1), ("b", NOW), ("a", NOW - 5)):
        agenda.put(job(name), wake)
    assert names(agenda.take(NOW, 1)) == ["a"]
    assert names(agenda.take(NOW, 10)) == ["b"]
    assert agenda.take(NOW, 10) == []
    assert agenda.next() == NOW + 1


def test_only_the_last_wake_up_counts() -> None:
    agenda, moved = Agenda(), job("moved")
    agenda.put(moved, NOW)
    agenda.put(moved, NOW + 10)
    assert agenda.next() == NOW + 10
    agenda.put(moved, NOW + 5)
    assert agenda.take(NOW + 4, 10) == []
    assert names(agenda.take(NOW + 10, 10)) == ["moved"]
    assert agenda.next() is None


def test_a_job_planned_twice_for_the_same_moment_is_looked_at_once() -> None:
    agenda, twice = Agenda(), job("twice")
    agenda.put(twice, NOW)
    agenda.put(twice, NOW)
    assert names(agenda.take(NOW, 10)) == ["twice"]
    assert agenda.next() is None


def test_what_is_dropped_is_looked_at_no_more_until_it_is_put_again() -> None:
    agenda, gone, other = Agenda(), job("gone"), job("other")
    agenda.put(gone, NOW)
    agenda.drop(gone)
    agenda.put(other, NOW + 1)
    assert agenda.next() == NOW + 1
    agenda.put(gone, NOW + 2)
    assert names(agenda.take(NOW + 2, 10)) == ["other", "gone"]


def test_wake_ups_are_no_work_for_the_garbage_collector() -> None:
    agenda, jobs = Agenda(), [job(f"job_{number}") for number in range(1_000)]
    gc.collect()
    before = len(gc.get_objects())
    for number, one in enumerate(jobs):
        agenda.put(one, NOW + number)
    assert len(gc.get_objects()) - before < 10
    assert len(agenda.take(NOW + 1_000, 2_000)) == 1_000
