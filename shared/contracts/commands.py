"""Requests to the scheduler, on `commands.<verb>`. A `Done` means: carried out, and on disk."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct, field

from .controls import Control
from .ticks import Trigger


class RunNow(Struct, frozen=True, kw_only=True, tag="run.v1"):
    """Run a job by hand. `run` is chosen by the asker, so that asking twice makes one run."""

    job: str
    run: UUID
    by: str
    trigger: Trigger = "manual"
    params: dict[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    retry_of: UUID | None = None


class Pause(Struct, frozen=True, kw_only=True, tag="pause.v1"):
    """Take a job off its schedule, until a moment or until it is resumed; it can be run by hand."""

    job: str
    by: str
    until: datetime | None = None
    reason: str = ""


class Resume(Struct, frozen=True, kw_only=True, tag="resume.v1"):
    """End a job's pause."""

    job: str
    by: str


class Enable(Struct, frozen=True, kw_only=True, tag="enable.v1"):
    """Let a job have runs again."""

    job: str
    by: str


class Disable(Struct, frozen=True, kw_only=True, tag="disable.v1"):
    """Let a job have no run: neither by its schedule nor by hand."""

    job: str
    by: str
    reason: str = ""


class SetInterval(Struct, frozen=True, kw_only=True, tag="set_interval.v1"):
    """Run every `every_ms` milliseconds from now on, in place of the spec's schedule."""

    job: str
    by: str
    every_ms: int


class ResetSchedule(Struct, frozen=True, kw_only=True, tag="reset_schedule.v1"):
    """Give a job the schedule of its spec back."""

    job: str
    by: str


class SkipNext(Struct, frozen=True, kw_only=True, tag="skip_next.v1"):
    """Pass over the next slot of a job."""

    job: str
    by: str


class RestoreControl(Struct, frozen=True, kw_only=True, tag="restore_control.v1"):
    """Put a control that a restored backup holds in the place of the job's.

    What is paused or disabled now stays so, and an interval that the spec does not allow any more is left out.
    """

    job: str
    control: Control


class Cancel(Struct, frozen=True, kw_only=True, tag="cancel.v1"):
    """End a run that is queued or running."""

    job: str
    run: UUID
    by: str


Command = RunNow | Pause | Resume | Enable | Disable | SetInterval | ResetSchedule | SkipNext | RestoreControl | Cancel

RefusalCode = Literal[
    "job_unknown",
    "job_disabled",
    "job_running",
    "schedule_locked",
    "bad_interval",
    "run_not_active",
]


class Done(Struct, frozen=True, kw_only=True, tag="done.v1"):
    """Carried out: the control as it is now (when the command changes one), or the run that was made."""

    control: Control | None = None
    revision: int = 0
    run: UUID | None = None


class Refused(Struct, frozen=True, kw_only=True, tag="refused.v1"):
    """Nothing was changed; why, for a person."""

    code: RefusalCode
    detail: str


Answer = Done | Refused


class CancelRun(Struct, frozen=True, kw_only=True, tag="cancel_run.v1"):
    """To every worker of a category, on `cancels.<category>`: whoever has this run stops it."""

    run: UUID
    job: str
    by: str
