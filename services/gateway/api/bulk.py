"""One action on many jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from shared.contracts.commands import Disable, Enable, Resume
from shared.runtime.clock import utc_now

from ..asking import CommandRefused, SchedulerUnreachable
from ..board.shapes import Status
from ..store.accounts import Role
from .commands import PauseBody, control, pause_command, start
from .problems import Code, Problem
from .route import Call

MOST_NAMES = 1000
MOST_AT_ONCE = 16

Action = Literal["run", "pause", "resume", "enable", "disable"]

TAKES: Mapping[Action, Role] = {
    "run": "operator", "pause": "operator", "resume": "operator", "enable": "admin", "disable": "admin",
}  # fmt: skip


class BulkFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The jobs for which all that is given holds."""

    category: str | None = None
    status: Status | None = None


class BulkBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action on jobs by name, or on those that a filter finds; `reason` is for pause and disable."""

    action: Action
    names: Annotated[tuple[str, ...], Meta(max_length=MOST_NAMES)] | None = None
    filter: BulkFilter | None = None
    reason: str = ""


class BulkResult(Struct, frozen=True, kw_only=True):
    """What came of it for one job; `code` and `detail` say why when it was not `done`."""

    name: str
    done: bool
    code: Code | None = None
    detail: str = ""


class BulkResults(Struct, frozen=True, kw_only=True):
    results: tuple[BulkResult, ...]


async def bulk(call: Call, body: BulkBody) -> BulkResults:
    """Do the same to many jobs; one result a job."""
    call.require(TAKES[body.action])
    names = _names(call, body)
    turn = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(name: str) -> BulkResult:
        async with turn:
            return await _attempt(call, body, name)

    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(one(name)) for name in names]
    return BulkResults(results=tuple(task.result() for task in started))


def _names(call: Call, body: BulkBody) -> list[str]:
    if (body.names is None) == (body.filter is None):
        raise Problem("bad_body", "Give either `names` or `filter`.")
    if body.filter is None:
        return list(dict.fromkeys(body.names or ()))
    board, now, wanted = call.gateway.board, utc_now(), body.filter
    found = [
        name
        for name in board.names()
        if (entry := board.find(name))
        and entry.spec
        and (wanted.category is None or entry.spec.category == wanted.category)
        and (wanted.status is None or board.status(entry, now) == wanted.status)
    ]
    if len(found) > MOST_NAMES:
        raise Problem("bad_body", f"The filter finds {len(found)} jobs; at most {MOST_NAMES} can be changed at once.")
    return found


async def _attempt(call: Call, body: BulkBody, name: str) -> BulkResult:
    try:
        await _act(call, body, name)
    except (Problem, CommandRefused) as error:
        return BulkResult(name=name, done=False, code=error.code, detail=error.detail)
    except SchedulerUnreachable as error:
        return BulkResult(name=name, done=False, code="scheduler_unreachable", detail=str(error))
    return BulkResult(name=name, done=True)


async def _act(call: Call, body: BulkBody, name: str) -> None:
    entry = call.entry(name)
    match body.action:
        case "run":
            await start(call, entry, {}, dry_run=False)
        case "pause":
            await control(call, entry, pause_command(call, entry, PauseBody(reason=body.reason)))
        case "resume":
            await control(call, entry, Resume(job=name, by=call.by))
        case "enable":
            await control(call, entry, Enable(job=name, by=call.by))
        case "disable":
            await control(call, entry, Disable(job=name, by=call.by, reason=body.reason))
