"""Runs, their log lines and their changes. Run ids begin with the time (RFC 9562), so their order is that of time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from shared.contracts.feed import Run, RunState
from shared.contracts.ids import first_run
from shared.contracts.reports import Failure, Level, Outcome
from shared.contracts.ticks import Trigger

from .database import Connection, Database, Row

_COLUMNS = """
id, job, category, state, trigger, slot, due_at, fired_at, started_at, finished_at, attempt, outcome, summary, error,
progress, note, next_attempt_at, worker, params, dry_run, asked_by, retry_of, number
"""


class RunFilter(Struct, frozen=True, kw_only=True):
    """Which runs: those for which all that is given holds. `since` and `until` (excluded) bound when it was due."""

    job: str | None = None
    category: str | None = None
    outcome: Outcome | None = None
    state: RunState | None = None
    trigger: Trigger | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: UUID | None = None


class LogLine(Struct, frozen=True, kw_only=True):
    """A line of a run's log; `number` counts the lines of one attempt from 1."""

    attempt: int
    number: int
    at: datetime
    level: Level
    text: str


class EndedAttempt(Struct, frozen=True, kw_only=True):
    """An attempt that did not end its run: it failed, or its worker stopped; the run was tried again at `next_at`."""

    attempt: int
    worker: str
    ended_at: datetime
    next_at: datetime
    error: Failure


class ChangeRow(Struct, frozen=True, kw_only=True):
    """A step of a run's plan, and what became of it."""

    number: int
    action: str
    target: str
    why: str
    before: Any
    after: Any
    state: str
    detail: str


class SlotRun(Struct, frozen=True, kw_only=True):
    """A fired slot."""

    run: UUID
    slot: datetime
    due_at: datetime | None
    fired_at: datetime | None
    state: RunState
    outcome: Outcome | None


class SkippedRange(Struct, frozen=True, kw_only=True):
    """Slots that were not fired."""

    first: datetime
    last: datetime
    count: int
    why: str
    at: datetime


async def find(database: Database, run: UUID) -> Run | None:
    """The run with this id."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM run WHERE id = $1", run)
        return None if row is None else run_of(row)


async def newest(database: Database, wanted: RunFilter, limit: int) -> list[Run]:
    """The newest `limit` runs that are wanted, newest first."""
    conditions, values = _conditions(wanted)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    query = f"SELECT {_COLUMNS} FROM run {where} ORDER BY id DESC LIMIT {limit:d}"
    async with database.connection() as connection:
        return [run_of(row) for row in await connection.fetch(query, *values)]


async def log_lines(database: Database, run: UUID, after: tuple[int, int], limit: int) -> list[LogLine]:
    """The run's log behind line `after` (attempt and number)."""
    query = """
        SELECT attempt, number, at, level, text FROM log
        WHERE run = $1 AND (attempt, number) > ($2::integer, $3::integer) ORDER BY attempt, number LIMIT $4
    """
    async with database.connection() as connection:
        return [LogLine(**row) for row in await connection.fetch(query, run, *after, limit)]


async def ended_attempts(database: Database, run: UUID) -> list[EndedAttempt]:
    """The run's attempts that did not end it, in order."""
    query = "SELECT attempt, worker, ended_at, next_at, error FROM attempt WHERE run = $1 ORDER BY attempt"
    async with database.connection() as connection:
        return [msgspec.convert(dict(row), EndedAttempt) for row in await connection.fetch(query, run)]


async def changes(database: Database, run: UUID, after: int, limit: int) -> list[ChangeRow]:
    """The run's plan behind step `after`."""
    query = """
        SELECT number, action, target, why, before, after, state, detail FROM change
        WHERE run = $1 AND number > $2 ORDER BY number LIMIT $3
    """
    async with database.connection() as connection:
        return [ChangeRow(**row) for row in await connection.fetch(query, run, after, limit)]


async def fired_slots(database: Database, job: str, before: datetime, limit: int) -> list[SlotRun]:
    """The job's fired slots earlier than `before`, newest first."""
    query = """
        SELECT id AS run, slot, due_at, fired_at, state, outcome FROM run
        WHERE job = $1 AND slot IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3
    """
    async with database.connection() as connection:
        return [SlotRun(**row) for row in await connection.fetch(query, job, first_run(before), limit)]


async def skipped_slots(database: Database, job: str, before: datetime, limit: int) -> list[SkippedRange]:
    """The job's slots earlier than `before` that were not fired, by range, newest first."""
    query = """
        SELECT first, last, count, why, at FROM skipped
        WHERE job = $1 AND first < $2 ORDER BY first DESC LIMIT $3
    """
    async with database.connection() as connection:
        return [SkippedRange(**row) for row in await connection.fetch(query, job, before, limit)]


def run_of(row: Row) -> Run:
    """The run in a row that has all columns of `run` but `rank`."""
    values = dict(row)
    values["error"] = None if row["error"] is None else msgspec.convert(row["error"], Failure)
    values["params"] = row["params"] or {}
    return Run(**values)


async def active(connection: Connection) -> list[Run]:
    """All runs that have not finished, the oldest first."""
    return [
        run_of(row)
        for row in await connection.fetch(f"SELECT {_COLUMNS} FROM run WHERE state <> 'finished' ORDER BY id")
    ]


def _conditions(wanted: RunFilter) -> tuple[list[str], list[object]]:
    tests: tuple[tuple[str, object], ...] = (
        ("job = ${}", wanted.job),
        ("category = ${}", wanted.category),
        ("outcome = ${}", wanted.outcome),
        ("state = ${}", wanted.state),
        ("trigger = ${}", wanted.trigger),
        ("id >= ${}", first_run(wanted.since) if wanted.since else None),
        ("id < ${}", first_run(wanted.until) if wanted.until else None),
        ("id < ${}", wanted.after),
    )
    given = [(test, value) for test, value in tests if value is not None]
    return [test.format(number) for number, (test, _) in enumerate(given, 1)], [value for _, value in given]
