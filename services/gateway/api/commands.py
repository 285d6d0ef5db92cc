"""Calls that the scheduler carries out: run, pause, resume, enable, disable, schedule, skip, cancel, retry."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from shared.contracts.commands import (
    Cancel,
    Disable,
    Enable,
    Pause,
    ResetSchedule,
    Resume,
    RunNow,
    SetInterval,
    SkipNext,
)
from shared.contracts.ids import new_run
from shared.runtime.clock import utc_now
from shared.timing.durations import parse_interval
from shared.timing.errors import BadInterval

from ..asking import ask
from ..board.entry import Entry
from .params import checked_params
from .problems import Problem
from .route import Call, Json, Nothing
from .tracing import asking
from .wanting import wanted_run

ControlCommand = Pause | Resume | Enable | Disable | SetInterval | ResetSchedule | SkipNext


class RunBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Values for the job's parameters, and whether to show only what would be done."""

    params: dict[str, Any] = field(default_factory=dict)
    dry_run: bool = False


class PauseBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pause that ends by itself (`until`), or lasts."""

    until: datetime | None = None
    reason: str = ""


class DisableBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: str = ""


class ScheduleBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`interval`: a positive whole number and one unit, such as 30s, 5m, 1h or 1d."""

    interval: str


class RunStarted(Struct, frozen=True, kw_only=True):
    run_id: UUID


async def run_now(call: Call, body: RunBody) -> RunStarted:
    """Run a job by hand."""
    return await start(call, call.entry(), body.params, dry_run=body.dry_run)


async def start(call: Call, entry: Entry, params: dict[str, Any], *, dry_run: bool) -> RunStarted:
    """Have a run of the job made. Raises `bad_params`, `dry_run_unsupported`, and what the scheduler refuses."""
    assert entry.spec is not None
    if dry_run and not entry.spec.dry_run:
        raise Problem("dry_run_unsupported", f"{entry.spec.title} has no dry run: leave `dry_run` out.")
    command = RunNow(
        job=entry.name,
        run=new_run(),
        by=call.by,
        params=checked_params(entry.spec.parameters, params),
        dry_run=dry_run,
    )
    return await carry_out(call, command, "job.run", command.job)


async def pause(call: Call, body: PauseBody) -> Json:
    """Pause a job."""
    entry = call.entry()
    return await control(call, entry, pause_command(call, entry, body))


def pause_command(call: Call, entry: Entry, body: PauseBody) -> Pause:
    """The command for a pause. Raises `bad_body` for an end that is no moment to come."""
    if body.until is not None and body.until.tzinfo is None:
        raise Problem("bad_body", "`until` needs a time zone: write it as 2030-01-31T18:00:00Z.")
    if body.until is not None and body.until <= utc_now():
        raise Problem("bad_body", "`until` has passed: leave it out, or name a moment to come.")
    return Pause(job=entry.name, by=call.by, until=body.until, reason=body.reason)


async def resume(call: Call, _: Nothing) -> Json:
    """End a job's pause."""
    entry = call.entry()
    return await control(call, entry, Resume(job=entry.name, by=call.by))


async def enable(call: Call, _: Nothing) -> Json:
    """Enable a job."""
    entry = call.entry()
    return await control(call, entry, Enable(job=entry.name, by=call.by))


async def disable(call: Call, body: DisableBody) -> Json:
    """Disable a job."""
    entry = call.entry()
    return await control(call, entry, Disable(job=entry.name, by=call.by, reason=body.reason))


async def set_schedule(call: Call, body: ScheduleBody) -> Json:
    """Give a job another interval."""
    entry = call.entry()
    assert entry.spec is not None
    try:
        every_ms = parse_interval(body.interval, entry.spec.min_interval_ms)
    except BadInterval as error:
        raise Problem("bad_interval", str(error)) from None
    return await control(call, entry, SetInterval(job=entry.name, by=call.by, every_ms=every_ms))


async def reset_schedule(call: Call, _: Nothing) -> Json:
    """Give a job its own schedule back."""
    entry = call.entry()
    return await control(call, entry, ResetSchedule(job=entry.name, by=call.by))


async def skip_next(call: Call, _: Nothing) -> Json:
    """Pass over a job's next slot."""
    entry = call.entry()
    return await control(call, entry, SkipNext(job=entry.name, by=call.by))


async def control(call: Call, entry: Entry, command: ControlCommand) -> Json:
    """Have a decision about a job carried out; the job as it is then."""
    gateway = call.gateway
    before = entry.control
    done = await ask(gateway.bus, command)
    if done.control is not None:
        gateway.board.apply_control(entry.name, done.control, done.revision)
        gateway.hub.wake()
    await call.record(f"job.{type(command).__name__.lower()}", entry.name, before, done.control)
    return Json(gateway.board.view(entry, utc_now()))


async def cancel(call: Call, _: Nothing) -> RunStarted:
    """Stop a run."""
    run = await wanted_run(call)
    await ask(call.gateway.bus, Cancel(job=run.job, run=run.id, by=call.by))
    await call.record("run.cancel", str(run.id))
    return RunStarted(run_id=run.id)


async def retry(call: Call, _: Nothing) -> RunStarted:
    """Run again what has ended, with the same parameters."""
    run = await wanted_run(call)
    if run.state != "finished":
        raise Problem("run_not_finished", "This run has not ended yet: cancel it first, or wait.")
    command = RunNow(
        job=run.job,
        run=new_run(),
        by=call.by,
        trigger="retry",
        params=run.params,
        dry_run=run.dry_run,
        retry_of=run.id,
    )
    return await carry_out(call, command, "run.retry", str(run.id))


async def carry_out(call: Call, command: RunNow, action: str, target: str) -> RunStarted:
    """Have the scheduler make a run, and record that. Raises what the scheduler refuses."""
    with asking(call, command):
        await ask(call.gateway.bus, command)
    after = {"run": str(command.run), "params": command.params, "dry_run": command.dry_run}
    await call.record(action, target, None, after)
    return RunStarted(run_id=command.run)
