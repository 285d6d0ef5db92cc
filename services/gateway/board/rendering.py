"""From what the board knows to what it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median

from msgspec import structs

from shared.contracts.feed import Run
from shared.contracts.reports import Failure
from shared.contracts.specs import Calendar, Interval, Need, Spec
from shared.timing.durations import format_interval
from shared.timing.errors import BadSchedule
from shared.timing.words import in_words, raw_value

from .entry import Entry, duration_ms
from .shapes import Job, LastRun, NeedView, ParameterView, RunningView, RunView, ScheduleView, Status

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MS = timedelta(milliseconds=1)
BY_HAND = "It runs by hand. Resume it to have it run on schedule, too."
FOREVER = 1 << 62


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since the Unix epoch."""
    return (moment - EPOCH) // ONE_MS


def render(entry: Entry, spec: Spec, now: datetime, zone: str, met: dict[str, bool]) -> tuple[Job, int]:
    """The job as it stands at `now`, and the moment (milliseconds) from which time alone makes it another.

    `met` tells of needs whether they are met.
    """
    control = entry.control
    paused = entry.paused_at(now)
    paused_until = control.paused_until if control and paused else None
    run = entry.run_under_way()
    status = _status(entry, run, paused)
    due = next_due(entry, now) if entry.enabled and not paused else None
    job = Job(
        name=entry.name,
        title=spec.title,
        description=spec.description,
        category=spec.category,
        advanced=spec.advanced,
        editable=spec.editable,
        destructive=spec.destructive,
        dry_run=spec.dry_run,
        undo=spec.undo,
        resources=spec.resources,
        quiet=spec.quiet,
        parameters=tuple(ParameterView(**structs.asdict(parameter)) for parameter in spec.parameters),
        schedule=_schedule(entry, spec, zone),
        status=status,
        enabled=entry.enabled,
        paused=paused,
        by_hand=_is_by_hand(entry, paused),
        paused_until=paused_until,
        reason=_reason(entry, paused),
        run_count=entry.run_count,
        run_count_since_start=entry.run_count - entry.count_at_start,
        last_run=_last_run(entry.last),
        next_run_at=None if due is None else EPOCH + due * ONE_MS,
        last_error=entry.last_error,
        running=None if run is None else _running(entry, run, now),
        needs=tuple(_need(need, met) for need in spec.needs),
        recent=entry.recent,
    )
    changes = (due, milliseconds(paused_until) if paused_until else None)
    return job, min((change for change in changes if change is not None), default=FOREVER)


def next_due(entry: Entry, now: datetime) -> int | None:
    """When the next slot that is not passed over is due, in milliseconds; None without a usable schedule."""
    timetable = entry.timetable
    if timetable is None:
        return None
    moment = milliseconds(now)
    slot = timetable.next_after(moment - timetable.jitter)
    if entry.control and entry.control.skip_until:
        slot = max(slot, timetable.next_after(milliseconds(entry.control.skip_until)))
    while timetable.due(slot) <= moment:
        slot = timetable.next_after(slot)
    return timetable.due(slot)


def render_run(run: Run, *, trace: bool = False) -> RunView:
    """The run as the API shows it; its error's trace only if `trace`."""
    error = run.error
    if error is not None and error.trace and not trace:
        error = Failure(code=error.code, message=error.message)
    return RunView(
        id=run.id,
        job=run.job,
        category=run.category,
        state=run.state,
        trigger=run.trigger,
        slot=run.slot,
        due_at=run.due_at,
        fired_at=run.fired_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        duration_ms=duration_ms(run),
        attempt=run.attempt,
        outcome=run.outcome,
        summary=run.summary,
        error=error,
        progress=run.progress,
        note=run.note,
        next_attempt_at=run.next_attempt_at,
        worker=run.worker,
        params=run.params,
        dry_run=run.dry_run,
        asked_by=run.asked_by,
        retry_of=run.retry_of,
    )


def _status(entry: Entry, run: Run | None, paused: bool) -> Status:
    if not entry.enabled:
        return "disabled"
    if run is not None:
        return "running" if run.state == "running" else "queued"
    if paused:
        return "paused"
    return "error" if entry.last is not None and entry.last.outcome == "failed" else "idle"


def _reason(entry: Entry, paused: bool) -> str:
    """Why it is paused or disabled, as far as somebody has said."""
    if _is_by_hand(entry, paused):
        return BY_HAND
    return entry.control.reason if entry.control and (paused or not entry.enabled) else ""


def _is_by_hand(entry: Entry, paused: bool) -> bool:
    """Whether its spec has it paused, and nobody has decided about that."""
    return paused and (entry.control is None or entry.control.paused is None)


def _schedule(entry: Entry, spec: Spec, zone: str) -> ScheduleView:
    schedule = entry.schedule or spec.schedule
    try:
        words = in_words(schedule)
    except BadSchedule as error:
        words = f"Not usable: {error}"
    return ScheduleView(
        kind="interval" if isinstance(schedule, Interval) else "cron",
        value=raw_value(schedule),
        words=words,
        timezone=(schedule.zone or zone) if isinstance(schedule, Calendar) else None,
        overridden=schedule is not spec.schedule,
        minimum=format_interval(spec.min_interval_ms),
    )


def _last_run(run: Run | None) -> LastRun | None:
    if run is None or run.outcome is None:
        return None
    return LastRun(
        id=run.id,
        trigger=run.trigger,
        started_at=run.started_at,
        finished_at=run.finished_at,
        outcome=run.outcome,
        summary=run.summary,
    )


def _running(entry: Entry, run: Run, now: datetime) -> RunningView:
    return RunningView(
        run_id=run.id,
        state=run.state,
        attempt=run.attempt,
        progress=run.progress,
        note=run.note,
        started_at=run.started_at,
        eta=_eta(entry, run, now),
    )


def _eta(entry: Entry, run: Run, now: datetime) -> datetime | None:
    """When the run ends if it takes as long as the successful ones before; None when there is nothing to go by."""
    if run.state != "running" or run.started_at is None:
        return None
    known = [r.duration_ms for r in entry.recent if r.outcome == "succeeded" and r.duration_ms is not None]
    if not known:
        return None
    eta = run.started_at + median(known) * ONE_MS
    return eta if eta > now else None


def _need(need: Need, met: dict[str, bool]) -> NeedView:
    return NeedView(what=need.what, met=met.get(need.what), hint=need.hint)
