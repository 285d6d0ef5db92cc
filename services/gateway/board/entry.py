"""What the board knows of one job."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from shared.contracts.controls import Control
from shared.contracts.feed import Run
from shared.contracts.specs import Schedule, Spec
from shared.timing.errors import BadSchedule
from shared.timing.slots import Timetable, compile_schedule

from .shapes import LastError, RecentRun, Status

MOST_RECENT = 30
_ONE_MS = timedelta(milliseconds=1)


class History(Struct, frozen=True, kw_only=True):
    """The runs of one job as Postgres tells them; `recent` and `active` with the oldest first."""

    recent: tuple[RecentRun, ...] = ()
    last: Run | None = None
    last_error: LastError | None = None
    active: tuple[Run, ...] = ()


class Entry:
    """One job. The board gives the sequences; `json`, `status` and `fresh_until` are the view that was made last."""

    __slots__ = (
        "active", "control", "count_at_start", "fresh_until", "json", "last", "last_error", "name", "newest",
        "newest_sequence", "recent", "revision", "run_count", "schedule", "sequence", "spec", "status", "timetable",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.name = name
        self.sequence = 0
        self.spec: Spec | None = None
        self.control: Control | None = None
        self.revision = 0
        self.schedule: Schedule | None = None
        self.timetable: Timetable | None = None
        self.active: list[Run] = []
        self.last: Run | None = None
        self.last_error: LastError | None = None
        self.recent: tuple[RecentRun, ...] = ()
        self.run_count = 0
        self.count_at_start = 0
        self.newest: Run | None = None
        self.newest_sequence = 0
        self.json = b""
        self.status: Status = "idle"
        self.fresh_until = 0

    def remember(self, history: History, *, first: bool) -> None:
        """Take the runs from Postgres; `first` when counting starts here."""
        self.run_count = history.last.number if history.last else 0
        if first:
            self.count_at_start = self.run_count
        self.recent = history.recent
        self.last = history.last
        self.last_error = history.last_error
        self.active = list(history.active)

    def take(self, run: Run) -> None:
        """A run's newest state; one that was told before changes nothing."""
        self.newest = run
        if self.active:
            self.active = [other for other in self.active if other.id != run.id]
        if run.state != "finished":
            self.active.append(run)
            return
        if self.last is None or run.number >= self.last.number:
            self.last = run
        if run.number > self.run_count or self._was_missed(run):
            self._count(run)

    def _was_missed(self, run: Run) -> bool:
        """Whether a run with a later number was told before this one, in the same breath."""
        return run.number > self.run_count - MOST_RECENT and all(run.number != known.number for known in self.recent)

    def _count(self, run: Run) -> None:
        assert run.outcome is not None
        self.run_count = max(self.run_count, run.number)
        # A tuple that is made anew: thirty pointers are copied, and a hundred thousand jobs take half the memory.
        self.recent = (*self.recent[1 - MOST_RECENT :], RecentRun(run.number, run.outcome, duration_ms(run)))
        if run.error is not None and run.outcome == "failed":
            self.last_error = LastError(message=run.error.message, at=run.finished_at)

    def compile(self, zone: str) -> None:
        """Work out the timetable that is in force; none for a schedule that can't be used."""
        if self.spec is None:
            self.schedule = self.timetable = None
            return
        override = self.control.interval if self.control else None
        self.schedule = override or self.spec.schedule
        try:
            self.timetable = compile_schedule(self.schedule, self.name, zone)
        except BadSchedule:
            self.timetable = None

    @property
    def enabled(self) -> bool:
        """Whether the job is enabled: by a person's decision, else by its spec."""
        if self.control is not None and self.control.enabled is not None:
            return self.control.enabled
        return self.spec is not None and self.spec.enabled

    def paused_at(self, now: datetime) -> bool:
        """Whether a pause is in force: by a person's decision, else by its spec."""
        by_spec = self.spec is not None and self.spec.paused
        return by_spec if self.control is None else self.control.paused_at(now, by_spec)

    def run_under_way(self) -> Run | None:
        """The active run that has got furthest."""
        for state in ("running", "retrying", "queued"):
            for run in self.active:
                if run.state == state:
                    return run
        return None


def duration_ms(run: Run) -> int | None:
    """How long the run's last attempt took."""
    if run.started_at is None or run.finished_at is None:
        return None
    return (run.finished_at - run.started_at) // _ONE_MS
