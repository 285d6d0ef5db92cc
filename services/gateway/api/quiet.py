"""Calls about the quiet that a job waits for before it begins."""

from __future__ import annotations

from msgspec import Struct, structs

from shared.timing.errors import BadSchedule
from shared.timing.quiet import Quiet, hours_of

from ..store.database import outages_named
from .problems import Problem
from .route import Call, Nothing


class QuietView(Struct, frozen=True, kw_only=True):
    """`supported`: whether the job can be told to wait. Hours are times of the zone `timezone`, empty for any."""

    supported: bool
    nobody_streaming: bool
    hours: str
    timezone: str


async def show_quiet(call: Call, _: Nothing) -> QuietView:
    """What the job waits for."""
    entry = call.entry()
    with outages_named():
        quiet = (await call.gateway.preferences.quiet()).get(entry.name, Quiet())
    return QuietView(
        supported=entry.spec is not None and entry.spec.quiet,
        timezone=call.gateway.board.zone,
        **structs.asdict(quiet),
    )


async def set_quiet(call: Call, body: Quiet) -> QuietView:
    """Have the job wait for this."""
    entry = call.entry()
    if entry.spec is None or not entry.spec.quiet:
        raise Problem("bad_quiet", f"{entry.name} disturbs nobody, so it does not wait for quiet.")
    try:
        hours_of(body.hours)
    except BadSchedule as error:
        raise Problem("bad_quiet", f"{error}.") from None
    with outages_named():
        before = await call.gateway.preferences.set_quiet(entry.name, body, call.by)
    await call.record("job.quiet", entry.name, before, body)
    return await show_quiet(call, Nothing())
