"""What the scheduler keeps of a job: a slim reading of its spec, its control, and where it stands in the tick log."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from shared.catalogue.admission import Claim
from shared.contracts.controls import Control
from shared.contracts.specs import CatchUp, Overlap, Schedule, Spec
from shared.timing.slots import Timetable, compile_schedule


class Timing(Struct, frozen=True, kw_only=True):
    """The part of a `Spec` that the scheduler needs: there may be a hundred thousand of them."""

    name: str
    category: str
    schedule: Schedule
    version: int = 1
    enabled: bool = True
    paused: bool = False
    overlap: Overlap = "skip"
    catch_up: CatchUp = "latest"
    catch_up_limit: int = 10
    min_interval_ms: int = 1000
    editable: bool = True


def timing_of(spec: Spec) -> Timing:
    """What the scheduler keeps of a spec."""
    return Timing(
        name=spec.name,
        category=spec.category,
        schedule=spec.schedule,
        version=spec.version,
        enabled=spec.enabled,
        paused=spec.paused,
        overlap=spec.overlap,
        catch_up=spec.catch_up,
        catch_up_limit=spec.catch_up_limit,
        min_interval_ms=spec.min_interval_ms,
        editable=spec.editable,
    )


class Job:
    """A job as it stands. All moments are milliseconds since the Unix epoch.

    `announced` is the revision of its spec in the catalogue.
    Every slot up to `accounted` is in the tick log, fired or not. `sequence` is the last entry of the log about this
    job, `active` the run that has not ended, `ticked` the entry of its tick once that is on disk, `writing` that a turn
    is writing about it, `asked` the last run that a person asked for, `wake` when to look at the job again, `number` by
    what the agenda knows it. Slots up to `backlog` were missed and are fired one after another; `waiting` says that a
    slot waits for the active run to end.
    """

    __slots__ = (
        "accounted",
        "active",
        "announced",
        "asked",
        "backlog",
        "control",
        "number",
        "revision",
        "sequence",
        "ticked",
        "timetable",
        "timing",
        "waiting",
        "wake",
        "writing",
    )

    def __init__(self, timing: Timing, accounted: int, zone: str) -> None:
        self.timing = timing
        self.timetable: Timetable = compile_schedule(timing.schedule, timing.name, zone)
        self.control: Control | None = None
        self.revision = 0
        self.announced = 0
        self.accounted = accounted
        self.sequence = 0
        self.active: UUID | None = None
        self.ticked = 0
        self.asked: UUID | None = None
        self.waiting = False
        self.backlog = 0
        self.wake = 0
        self.number = 0
        self.writing = False

    @property
    def enabled(self) -> bool:
        control = self.control
        return self.timing.enabled if control is None or control.enabled is None else control.enabled

    @property
    def paused(self) -> bool:
        """Whether there is a pause; one that was decided may have ended by itself."""
        control = self.control
        return self.timing.paused if control is None or control.paused is None else control.paused

    @property
    def claim(self) -> Claim:
        """Whose the job's name is."""
        return Claim(self.timing.category, self.timing.version)

    def follow(self, timing: Timing, zone: str) -> None:
        """Take over a new spec; the slots until now have been accounted for by the old one."""
        self.timing = timing
        self._compile(zone)

    def obey(self, control: Control | None, revision: int, zone: str) -> None:
        """Take over a control."""
        interval_before = self.control and self.control.interval
        self.control, self.revision = control, revision
        if (control and control.interval) != interval_before:
            self._compile(zone)

    def _compile(self, zone: str) -> None:
        schedule = self.control.interval if self.control and self.control.interval else self.timing.schedule
        self.timetable = compile_schedule(schedule, self.timing.name, zone)


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def to_time(ms: int) -> datetime:
    """The moment of so many milliseconds since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)
