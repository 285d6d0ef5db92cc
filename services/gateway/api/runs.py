"""Calls that show runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs
from msgspec.structs import replace

from shared.contracts.feed import Run, RunState
from shared.contracts.reports import Outcome
from shared.contracts.ticks import Trigger

from ..board.rendering import render_run
from ..board.shapes import RunView
from ..store import runs
from ..store.followers import NONE, followers
from ..store.runs import ChangeRow, EndedAttempt, LogLine, RunFilter
from .paging import Limit, Page, bad_cursor, number_after, uuid_after
from .problems import Problem
from .route import Call, Nothing
from .wanting import wanted_run


class RunsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which runs: those for which all that is given holds; `since` and `until` (excluded) bound when a run was due."""

    job: str | None = None
    category: str | None = None
    outcome: Outcome | None = None
    state: RunState | None = None
    trigger: Trigger | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: Limit = 100
    after: str | None = None


class RunList(Struct, frozen=True, kw_only=True):
    runs: tuple[RunView, ...]
    next: str | None


class Attempts(Struct, frozen=True, kw_only=True):
    attempts: tuple[EndedAttempt, ...]


class Log(Struct, frozen=True, kw_only=True):
    lines: tuple[LogLine, ...]
    next: str | None


class Changes(Struct, frozen=True, kw_only=True):
    changes: tuple[ChangeRow, ...]
    next: str | None


async def list_runs(call: Call, query: RunsQuery) -> RunList:
    """Runs, newest first."""
    if any(moment is not None and moment.tzinfo is None for moment in (query.since, query.until)):
        raise Problem("bad_parameter", "`since` and `until` need a time zone: write them as 2030-01-31T18:00:00Z.")
    wanted = RunFilter(
        job=query.job,
        category=query.category,
        outcome=query.outcome,
        state=query.state,
        trigger=query.trigger,
        since=query.since,
        until=query.until,
        after=uuid_after(query.after),
    )
    found = await runs.newest(call.gateway.database, wanted, query.limit + 1)
    shown, more = found[: query.limit], len(found) > query.limit
    return RunList(
        runs=tuple(await shown_runs(call, shown)),
        next=str(shown[-1].id) if more else None,
    )


async def show_run(call: Call, _: Nothing) -> RunView:
    """One run."""
    run = await wanted_run(call)
    (shown,) = await shown_runs(call, [run])
    return replace(shown, holds_back=await holds_back(call, run))


async def show_attempts(call: Call, _: Nothing) -> Attempts:
    """The run's attempts that did not end it; their traces are for administrators."""
    run = await wanted_run(call)
    found = await runs.ended_attempts(call.gateway.database, run.id)
    if call.role != "admin":
        found = [replace(ended, error=replace(ended.error, trace="")) for ended in found]
    return Attempts(attempts=tuple(found))


async def show_log(call: Call, page: Page) -> Log:
    """A run's log lines, oldest first."""
    run = await wanted_run(call)
    lines = await runs.log_lines(call.gateway.database, run.id, line_after(page.after), page.limit + 1)
    shown, more = lines[: page.limit], len(lines) > page.limit
    return Log(lines=tuple(shown), next=line_cursor(shown[-1]) if more else None)


async def show_changes(call: Call, page: Page) -> Changes:
    """The steps of a run's plan, and what became of each."""
    run = await wanted_run(call)
    after = number_after(page.after, 0)
    found = await runs.changes(call.gateway.database, run.id, after, page.limit + 1)
    shown, more = found[: page.limit], len(found) > page.limit
    return Changes(changes=tuple(shown), next=str(shown[-1].number) if more else None)


async def shown_runs(call: Call, found: Sequence[Run]) -> list[RunView]:
    """These runs as the caller may see them, with the runs that approve or undo them."""
    known = await followers(call.gateway.database, [run.id for run in found])
    shown = (render_run(run, trace=call.role == "admin") for run in found)
    return [replace(view, **structs.asdict(known.get(view.id, NONE))) for view in shown]


async def holds_back(call: Call, run: Run) -> bool:
    """Whether a part of the run's plan waits for approval. A dry run holds nothing back: it would have done nothing."""
    if run.state != "finished" or run.dry_run:
        return False
    if run.outcome == "held":
        return True
    return any(row.state == "held" for row in await call.gateway.ledger.of_run(run.id))


def line_cursor(line: LogLine) -> str:
    """The place of a log line."""
    return f"{line.attempt}-{line.number}"


def line_after(cursor: str | None) -> tuple[int, int]:
    """The attempt and number in a place. Raises `bad_parameter`."""
    if cursor is None:
        return 0, 0
    attempt, _, number = cursor.partition("-")
    if not (attempt.isdecimal() and number.isdecimal() and len(cursor) < 20 and cursor.isascii()):
        raise bad_cursor()
    return int(attempt), int(number)
