"""What a command makes of a job's control. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from shared.contracts.commands import (
    Disable,
    Enable,
    Pause,
    Refused,
    ResetSchedule,
    RestoreControl,
    Resume,
    SetInterval,
    SkipNext,
)
from shared.contracts.controls import Control
from shared.contracts.specs import Calendar, Interval
from shared.timing.durations import LONGEST_MS, format_interval

from .jobs import Job, to_ms, to_time

ControlCommand = Pause | Resume | Enable | Disable | SetInterval | ResetSchedule | SkipNext | RestoreControl


def decided(job: Job, command: ControlCommand, now: datetime) -> Control | Refused:  # noqa: PLR0911
    """The control as it is after the command, or why the command is refused."""
    if isinstance(command, RestoreControl):
        return _restored(job, command.control)
    before = job.control or Control(job=job.timing.name)
    control = replace(before, changed_by=command.by, changed_at=now)
    match command:
        case Pause():
            return replace(control, paused=True, paused_until=command.until, reason=command.reason)
        case Resume():
            return replace(control, paused=False, paused_until=None, reason="")
        case Enable():
            return replace(control, enabled=True, reason="")
        case Disable():
            return replace(control, enabled=False, reason=command.reason)
        case SetInterval():
            return _with_interval(job, control, command.every_ms, now)
        case ResetSchedule():
            return replace(control, interval=None)
        case SkipNext():
            return _without_next(job, control, now)
        case _:
            assert_never(command)


def _restored(job: Job, control: Control) -> Control:
    """Nobody restores a backup in order to have done what they have just stopped."""
    if control.interval is not None and _refusal(job, control.interval.every_ms) is not None:
        control = replace(control, interval=None)
    now = job.control or Control(job=control.job)
    told = {"reason": now.reason, "changed_by": now.changed_by, "changed_at": now.changed_at}
    if now.enabled is False:
        control = replace(control, enabled=False, **told)
    if now.paused:
        control = replace(control, paused=True, paused_until=now.paused_until, **told)
    return control


def _with_interval(job: Job, control: Control, every_ms: int, now: datetime) -> Control | Refused:
    refused = _refusal(job, every_ms)
    if refused is not None:
        return refused
    interval = Interval(every_ms=every_ms, anchor_ms=to_ms(now), jitter_ms=job.timing.schedule.jitter_ms)
    return replace(control, interval=interval)


def _refusal(job: Job, every_ms: int) -> Refused | None:
    """Why a job can't have this interval; None: it can."""
    if not job.timing.editable or isinstance(job.timing.schedule, Calendar):
        return Refused(
            code="schedule_locked",
            detail="This job runs by the calendar; its schedule is changed in the configuration.",
        )
    least = job.timing.min_interval_ms
    if not least <= every_ms <= LONGEST_MS:
        detail = (
            f"This job runs at most every {format_interval(least)} and at least every {format_interval(LONGEST_MS)}."
        )
        return Refused(code="bad_interval", detail=detail)
    return None


def _without_next(job: Job, control: Control, now: datetime) -> Control | Refused:
    if not job.enabled or control.paused_at(now, job.timing.paused):
        return Refused(code="job_disabled", detail="This job has no next run to skip: it is disabled or paused.")
    return replace(control, skip_until=to_time(job.timetable.next_after(to_ms(now))))
