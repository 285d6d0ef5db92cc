"""The history of every job at once, for the board's start: the newest runs, and what is under way."""

from __future__ import annotations

import msgspec

from shared.contracts.feed import Run
from shared.contracts.reports import Failure

from ..board.entry import History
from ..board.shapes import LastError, RecentRun
from .database import Connection, Database, Row
from .runs import active, run_of

_LOAD_S = 300.0

# A job is found by stepping through the index on (job, id), and its newest runs by walking that backwards: what is
# read depends on how many jobs there are, not on how long the table is. A job has one run at a time, so that the run
# with the highest number is among the newest.
_RECENT = """
WITH RECURSIVE known AS (
    (SELECT job FROM run ORDER BY job LIMIT 1)
    UNION ALL
    SELECT (SELECT job FROM run WHERE run.job > known.job ORDER BY job LIMIT 1) FROM known WHERE known.job IS NOT NULL
)
SELECT known.job, recent.* FROM known CROSS JOIN LATERAL (
    SELECT array_agg(number ORDER BY number) AS numbers,
           array_agg(outcome ORDER BY number) AS outcomes,
           array_agg(floor(extract(epoch FROM finished_at - started_at) * 1000)::bigint ORDER BY number) AS durations,
           (array_agg(id ORDER BY number DESC))[1] AS last
    FROM (
        SELECT id, number, outcome, started_at, finished_at FROM run
        WHERE run.job = known.job AND state = 'finished' ORDER BY id DESC LIMIT 30
    ) AS newest
) AS recent
WHERE known.job IS NOT NULL AND recent.last IS NOT NULL
"""

_LAST = """
SELECT id, job, category, state, trigger, slot, due_at, fired_at, started_at, finished_at, attempt, outcome, summary,
       error, progress, note, next_attempt_at, worker, params, dry_run, asked_by, retry_of,
       number
FROM run WHERE id = ANY($1)
"""

# Of the jobs with a failure among their newest runs.
_LAST_ERRORS = """
SELECT wanted.job, failed.error, failed.finished_at
FROM unnest($1::text[]) AS wanted (job) CROSS JOIN LATERAL (
    SELECT error, finished_at FROM run
    WHERE run.job = wanted.job AND outcome = 'failed' AND error IS NOT NULL ORDER BY id DESC LIMIT 1
) AS failed
"""


async def read_histories(database: Database) -> dict[str, History]:
    """Each job's history, all as of one moment."""
    async with (
        database.connection(_LOAD_S) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await _read(connection)


async def _read(connection: Connection) -> dict[str, History]:
    under_way: dict[str, list[Run]] = {}
    for run in await active(connection):
        under_way.setdefault(run.job, []).append(run)
    recent = {row["job"]: row for row in await connection.fetch(_RECENT)}
    lasts = {row["job"]: row for row in await connection.fetch(_LAST, [row["last"] for row in recent.values()])}
    failing = [job for job, row in recent.items() if "failed" in row["outcomes"]]
    errors = {row["job"]: _last_error(row) for row in await connection.fetch(_LAST_ERRORS, failing)}
    return {
        job: _history(recent.get(job), lasts.get(job), errors.get(job), under_way.get(job, []))
        for job in recent.keys() | under_way.keys()
    }


def _history(recent: Row | None, last: Row | None, last_error: LastError | None, under_way: list[Run]) -> History:
    if recent is None or last is None:
        return History(active=tuple(under_way))
    columns = zip(recent["numbers"], recent["outcomes"], recent["durations"], strict=True)
    return History(
        recent=tuple(RecentRun(*column) for column in columns),
        last=run_of(last),
        last_error=last_error,
        active=tuple(under_way),
    )


def _last_error(row: Row) -> LastError:
    return LastError(message=msgspec.convert(row["error"], Failure).message, at=row["finished_at"])
