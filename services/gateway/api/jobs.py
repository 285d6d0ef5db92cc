"""Calls that show jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shared.contracts.specs import Calendar
from shared.runtime.clock import utc_now
from shared.timing.upcoming import upcoming

from ..board.entry import Entry
from ..board.shapes import Job, SchedulerView, Status
from .paging import Limit
from .route import Call, Json, Nothing


class JobsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which jobs: those for which all that is given holds. Advanced jobs are listed only if asked for.

    `text` is looked for in name, title and description. Without `limit` all are listed.
    """

    category: str | None = None
    status: Status | None = None
    text: str | None = None
    advanced: bool = False
    limit: Limit | None = None
    after: str | None = None


class JobList(Struct, frozen=True, kw_only=True):
    scheduler: SchedulerView
    jobs: tuple[Job, ...]
    next: str | None


class UpcomingQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1, le=100)] = 10


class UpcomingSlot(Struct, frozen=True, kw_only=True):
    """A slot to come, in UTC and on the wall clock of the schedule's zone; `note` tells of a clock change."""

    slot: datetime
    local: datetime
    note: str
    passed_over: bool


class UpcomingSlots(Struct, frozen=True, kw_only=True):
    """The next slots by the schedule; none of them fires while the job is disabled or paused."""

    timezone: str
    enabled: bool
    paused: bool
    slots: tuple[UpcomingSlot, ...]


async def list_jobs(call: Call, query: JobsQuery) -> Json:
    """The jobs by name, and who leads the scheduling."""
    board, now = call.gateway.board, utc_now()
    found: list[bytes] = []
    last = following = ""
    for name in board.names():
        entry = board.find(name)
        if entry is None or not _wanted(entry, query) or (query.after and name <= query.after):
            continue
        view = board.view(entry, now)
        if query.status is not None and entry.status != query.status:
            continue
        if len(found) == query.limit:
            following = last
            break
        found.append(view)
        last = name
    scheduler, next = msgspec.json.encode(board.scheduler()), msgspec.json.encode(following or None)
    return Json(b'{"scheduler":%b,"jobs":[%b],"next":%b}' % (scheduler, b",".join(found), next))


async def show_job(call: Call, _: Nothing) -> Json:
    """One job."""
    return Json(call.gateway.board.view(call.entry(), utc_now()))


async def show_upcoming(call: Call, query: UpcomingQuery) -> UpcomingSlots:
    """A job's next slots, with what the clock change does to them."""
    entry, now = call.entry(), utc_now()
    zone = call.gateway.board.zone
    if isinstance(entry.schedule, Calendar) and entry.schedule.zone:
        zone = entry.schedule.zone
    skip_until = entry.control.skip_until if entry.control else None
    slots = upcoming(entry.timetable, zone, now, query.count) if entry.timetable else []
    return UpcomingSlots(
        timezone=zone,
        enabled=entry.enabled,
        paused=entry.paused_at(now),
        slots=tuple(
            UpcomingSlot(
                slot=slot.slot,
                local=slot.local,
                note=slot.note,
                passed_over=skip_until is not None and slot.slot <= skip_until,
            )
            for slot in slots
        ),
    )


def _wanted(entry: Entry, query: JobsQuery) -> bool:
    spec = entry.spec
    if spec is None or (spec.advanced and not query.advanced):
        return False
    if query.category is not None and spec.category != query.category:
        return False
    if query.text is None:
        return True
    return query.text.casefold() in f"{spec.name}\n{spec.title}\n{spec.description}".casefold()
