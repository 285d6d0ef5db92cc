"""The life of a run, as a table. Pure.

    queued -> running -> finished
                ^  |
                |  v
              retrying

What may be said of a run is ordered by rank: queued is 0, attempt n is running at 4n + 1 and given up at 4n + 2, and
finished is above all. An event whose rank is not above the run's says nothing new: it is late, or came twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from shared.contracts.feed import Run, RunState
from shared.contracts.reports import Failure, Finished, Outcome, Progressed, Retrying, Started
from shared.contracts.ticks import Tick, Trigger

QUEUED = 0
FINISHED = 1_000_000_000


def running_rank(attempt: int) -> int:
    """The rank of a run in its `attempt`-th try."""
    return 4 * attempt + 1


def retrying_rank(attempt: int) -> int:
    """The rank of a run whose `attempt`-th try has ended without an outcome."""
    return 4 * attempt + 2


class RunRow(Struct, omit_defaults=True, gc=False):
    """A run that is being followed: what its tick and its reports have said so far. The fields are the table's."""

    id: UUID
    job: str
    category: str
    rank: int = QUEUED
    state: RunState = "queued"
    trigger: Trigger | None = None
    slot: datetime | None = None
    due_at: datetime | None = None
    fired_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int = 0
    outcome: Outcome | None = None
    summary: str = ""
    error: Failure | None = None
    progress: float | None = None
    note: str = ""
    next_attempt_at: datetime | None = None
    worker: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    asked_by: str = ""
    retry_of: UUID | None = None
    number: int = 0

    @property
    def complete(self) -> bool:
        """Nothing more can be said of it: it has finished, and its tick was seen."""
        return self.rank == FINISHED and self.trigger is not None

    def ticked(self, tick: Tick) -> bool:
        """Its tick. Whether that was news, as for all of these."""
        if self.trigger is not None:
            return False
        self.trigger = tick.trigger
        self.slot = tick.slot
        self.due_at = tick.due_at
        self.fired_at = tick.fired_at
        self.params = tick.params
        self.dry_run = tick.dry_run
        self.asked_by = tick.asked_by
        self.retry_of = tick.retry_of
        return True

    def started(self, report: Started, worker: str) -> bool:
        """An attempt began."""
        if not self._rise(running_rank(report.attempt)):
            return False
        self.state = "running"
        self.attempt = report.attempt
        self.started_at = report.at
        self.worker = worker
        self.progress, self.note, self.next_attempt_at = None, "", None
        return True

    def progressed(self, report: Progressed) -> bool:
        """The attempt goes on. Only the one that runs now may say so."""
        if self.rank != running_rank(report.attempt):
            return False
        self.progress, self.note = report.share, report.note
        return True

    def retrying(self, report: Retrying) -> bool:
        """The attempt ended without an outcome."""
        if not self._rise(retrying_rank(report.attempt)):
            return False
        self.state = "retrying"
        self.attempt = report.attempt
        self.error = report.error
        self.next_attempt_at = report.next_at
        self.progress, self.note = None, ""
        return True

    def finished(self, report: Finished, worker: str) -> bool:
        """The run ended."""
        if not self._rise(FINISHED):
            return False
        self.state = "finished"
        self.attempt = report.attempt
        self.started_at = report.started_at
        self.finished_at = report.at
        self.outcome = report.outcome
        self.summary = report.summary
        self.error = report.error
        self.worker = worker
        self.progress, self.note, self.next_attempt_at = None, "", None
        return True

    def _rise(self, rank: int) -> bool:
        if rank <= self.rank:
            return False
        self.rank = rank
        return True


def to_run(row: RunRow) -> Run:
    """The run as everybody is told of it."""
    return Run(
        id=row.id,
        job=row.job,
        category=row.category,
        state=row.state,
        trigger=row.trigger,
        slot=row.slot,
        due_at=row.due_at,
        fired_at=row.fired_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempt=row.attempt,
        outcome=row.outcome,
        summary=row.summary,
        error=row.error,
        progress=row.progress,
        note=row.note,
        next_attempt_at=row.next_attempt_at,
        worker=row.worker,
        params=row.params,
        dry_run=row.dry_run,
        asked_by=row.asked_by,
        retry_of=row.retry_of,
        number=row.number,
    )
