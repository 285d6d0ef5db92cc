"""Decisions as entries of the tick log. Pure."""

from __future__ import annotations

from shared.contracts import codec, subjects
from shared.contracts.commands import RunNow
from shared.contracts.ids import slot_run
from shared.contracts.ticks import SlotsSkipped, Tick
from shared.messaging.append import Entry

from .jobs import Job, to_time
from .planner import Decision, Fire


def entry(job: Job, decision: Decision, now: int) -> Entry:
    """The message of a decision, which is refused by the log if anything was written about the job in the meantime."""
    category, name = job.timing.category, job.timing.name
    event: Tick | SlotsSkipped
    if isinstance(decision, Fire):
        subject = subjects.slot_tick(category, name)
        event = Tick(
            run=slot_run(name, decision.slot),
            job=name,
            category=category,
            trigger="slot",
            fired_at=to_time(now),
            slot=to_time(decision.slot),
            due_at=to_time(job.timetable.due(decision.slot)),
        )
    else:
        subject = subjects.slot_skip(category, name)
        event = SlotsSkipped(
            job=name,
            category=category,
            first=to_time(decision.first),
            last=to_time(decision.last),
            count=decision.count,
            why=decision.why,
            at=to_time(now),
        )
    return Entry(subject, codec.encode(event), subjects.job_ticks(category, name), job.sequence)


def manual_entry(job: Job, ask: RunNow, now: int) -> Entry:
    """The tick that a person asked for."""
    category, name = job.timing.category, job.timing.name
    tick = Tick(
        run=ask.run,
        job=name,
        category=category,
        trigger=ask.trigger,
        fired_at=to_time(now),
        params=ask.params,
        dry_run=ask.dry_run,
        asked_by=ask.by,
        retry_of=ask.retry_of,
    )
    return Entry(
        subjects.manual_tick(category, name), codec.encode(tick), subjects.job_ticks(category, name), job.sequence
    )


def expect(job: Job, decision: Decision) -> None:
    """The decision's entry is about to be sent: its run may well end before the log's answer is here."""
    if isinstance(decision, Fire):
        job.active, job.ticked = slot_run(job.timing.name, decision.slot), 0


def settle(job: Job, decision: Decision, sequence: int) -> None:
    """The decision's entry is on disk under `sequence`."""
    job.sequence = sequence
    job.writing = False
    if isinstance(decision, Fire):
        job.accounted = decision.slot
        job.ticked = sequence
        job.waiting = False
    else:
        job.accounted = decision.last
