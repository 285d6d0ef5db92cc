"""What to do about a job now: fire a slot, account for slots that are not fired, or wait. Pure.

The order of the questions is the order of the rules:

1. Disabled, paused and skipped-by-hand slots are accounted for as such.
2. While a run is active, `overlap` decides: `skip` accounts for the slot, `queue` lets the newest one wait.
3. Of several slots that are due at once (a downtime, a late scheduler), `catch_up` decides: `none` fires no slot that
   is later than the grace, `latest` fires the newest, `all` the newest `catch_up_limit`, one after another.
"""

from __future__ import annotations

from msgspec import Struct

from shared.contracts.ticks import SkipReason

from .jobs import Job, to_ms

# A slot that is fired within this time is on time as far as `catch_up` is concerned: a standby needs some to take over.
GRACE_MS = 30_000

# Slots of a job that is paused or disabled are accounted for in ranges, at most this often.
QUIET_MS = 60_000


class Fire(Struct, frozen=True, gc=False):
    """Make the tick of this slot."""

    slot: int


class Skip(Struct, frozen=True, gc=False):
    """Account for the `count` slots from `first` to `last`, which are not fired."""

    first: int
    last: int
    count: int
    why: SkipReason


Decision = Fire | Skip


def decide(job: Job, now: int) -> Decision | None:
    """The next entry about the job in the tick log, if there is one to make at `now`. Ask again after it is written."""
    timetable = job.timetable
    oldest = timetable.next_after(job.accounted)
    if timetable.due(oldest) > now:
        return None
    newest = _newest_due(job, now)
    held = _held_back(job, oldest, newest, now)
    if held is not None:
        return held
    if job.active is not None:
        return _while_active(job, oldest, newest, now)
    return _fire(job, oldest, newest, now)


def given_up(job: Job, now: int) -> Skip | None:
    """The slots that wait for the active run, when they are to wait no longer since the job is changed."""
    oldest = job.timetable.next_after(job.accounted)
    return None if job.timetable.due(oldest) > now else _skip(job, oldest, _newest_due(job, now), "overlap")


def next_wake(job: Job, now: int) -> int:
    """When to ask `decide` again if nothing happens until then."""
    due = job.timetable.due(job.timetable.next_after(job.accounted))
    if due <= now:
        # A slot waits for the active run: its end wakes the job; the newest waiting slot is looked at when it is due.
        return job.timetable.due(job.timetable.next_after(now))
    if not job.enabled or job.paused:
        until = job.control.paused_until if job.control else None
        quiet = max(due, now + QUIET_MS)
        return min(quiet, max(due, to_ms(until))) if until else quiet
    return due


def _newest_due(job: Job, now: int) -> int:
    newest = job.timetable.latest_until(now)
    # Jitter delays a slot by less than the distance to the next one: only the last can be still to come.
    return newest if job.timetable.due(newest) <= now else job.timetable.latest_until(newest - 1)


def _held_back(job: Job, oldest: int, newest: int, now: int) -> Skip | None:
    control = job.control
    if not job.enabled:
        return _skip(job, oldest, newest, "disabled")
    if control is not None and control.skip_until is not None and oldest <= to_ms(control.skip_until):
        return _skip(job, oldest, min(newest, job.timetable.latest_until(to_ms(control.skip_until))), "by_hand")
    if not job.paused:
        return None
    until = control.paused_until if control else None
    if until is None or now < to_ms(until):
        return _skip(job, oldest, newest, "paused")
    last = job.timetable.latest_until(to_ms(until) - 1)
    return _skip(job, oldest, min(newest, last), "paused") if oldest <= last else None


def _while_active(job: Job, oldest: int, newest: int, now: int) -> Skip | None:
    if oldest <= job.backlog:
        return None
    if job.timing.overlap == "skip":
        return _skip(job, oldest, newest, "overlap")
    job.waiting = True
    return _skip(job, oldest, job.timetable.latest_until(newest - 1), "merged") if oldest < newest else None


def _fire(job: Job, oldest: int, newest: int, now: int) -> Decision:
    if oldest <= job.backlog:
        return Fire(oldest)
    missed = job.timetable.due(oldest) < now - GRACE_MS and not job.waiting
    if missed and job.timing.catch_up == "all":
        kept = job.timetable.latest_between(job.accounted, newest, job.timing.catch_up_limit)
        if kept[0] > oldest:
            return _skip(job, oldest, job.timetable.latest_until(kept[0] - 1), "downtime")
        job.backlog = newest
        return Fire(oldest)
    if missed and job.timing.catch_up == "none":
        last = job.timetable.latest_until(now - GRACE_MS)
        return _skip(job, oldest, min(newest, last), "downtime")
    if oldest < newest:
        return _skip(job, oldest, job.timetable.latest_until(newest - 1), "merged")
    return Fire(newest)


def _skip(job: Job, first: int, last: int, why: SkipReason) -> Skip:
    count = 1 if first == last else job.timetable.count_between(job.accounted, last)
    return Skip(first, last, count, why)
