"""The call that shows what was decided about all jobs, and what they are without that."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from shared.contracts.specs import Calendar, Spec
from shared.runtime.clock import utc_now
from shared.timing.durations import format_interval
from shared.timing.quiet import Quiet

from ..board.entry import Entry
from ..store.database import outages_named
from .route import Call, Nothing


class JobControl(Struct, frozen=True, kw_only=True):
    """Decisions about one job. `reason` is for what keeps it from running.

    `interval` is null while the job has its own schedule; an `editable` one can get another, of at least `minimum_ms`.
    `quiet` is what it waits for; null for one that can't be told to wait.
    """

    job: str
    enabled: bool
    enabled_by_default: bool
    paused: bool
    paused_by_default: bool
    paused_until: datetime | None
    reason: str
    interval: str | None
    editable: bool
    minimum_ms: int
    quiet: Quiet | None


class Controls(Struct, frozen=True, kw_only=True):
    controls: tuple[JobControl, ...]


async def list_controls(call: Call, _: Nothing) -> Controls:
    """All jobs by name, advanced ones too."""
    board, now = call.gateway.board, utc_now()
    with outages_named():
        quiet = await call.gateway.preferences.quiet()
    entries = (board.find(name) for name in board.names())
    return Controls(
        controls=tuple(
            _view(entry, entry.spec, quiet.get(entry.name, Quiet()), now) for entry in entries if entry and entry.spec
        )
    )


def _view(entry: Entry, spec: Spec, quiet: Quiet, now: datetime) -> JobControl:
    control, paused = entry.control, entry.paused_at(now)
    interval = control.interval if control else None
    return JobControl(
        job=entry.name,
        enabled=entry.enabled,
        enabled_by_default=spec.enabled,
        paused=paused,
        paused_by_default=spec.paused,
        paused_until=control.paused_until if control and paused else None,
        reason=control.reason if control and (paused or not entry.enabled) else "",
        interval=format_interval(interval.every_ms) if interval else None,
        editable=spec.editable and not isinstance(spec.schedule, Calendar),
        minimum_ms=spec.min_interval_ms,
        quiet=quiet if spec.quiet else None,
    )
