"""Queries of old runs, and of all that hangs on them.

Ids of runs begin with the time, so that what is old is found by walking the primary key. $1 is the lowest id that is
not old.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.contracts.ids import first_run

from .rows import Connection

NEWEST = 30
"""A job keeps so many runs whatever their age: these are shown with it, and the last number counts on (ADR 5)."""

# A run that waits for approval is one whose ledger says so; of a job that keeps no ledger, one that nobody approved.
_WAITS = """
    EXISTS (SELECT FROM media.ledger WHERE ledger.run = run.id AND ledger.state = 'held')
    OR outcome = 'held' AND NOT dry_run
        AND NOT EXISTS (SELECT FROM media.ledger WHERE ledger.run = run.id)
        AND NOT EXISTS (
            SELECT FROM jobs.run AS other WHERE other.params ? 'approves' AND other.params ->> 'approves' = run.id::text
        )
"""
# Without a trigger its tick has yet to be read. Of a hook that is due, the run is what it tells.
_OLD = f"""
    run.id < $1 AND state = 'finished' AND trigger IS NOT NULL AND coalesce(finished_at < $2, true)
    AND NOT ({_WAITS})
    AND NOT EXISTS (SELECT FROM jobs.hook_delivery AS hook WHERE hook.run = run.id AND hook.state = 'due')
"""
_FROM = f"""
    jobs.run CROSS JOIN LATERAL (
        SELECT (array_agg(id ORDER BY id))[1] AS first, max(number) AS number
        FROM (SELECT id, number FROM jobs.run AS other WHERE other.job = run.job ORDER BY id DESC LIMIT {NEWEST}) AS few
    ) AS newest
"""
_BESIDE = "run.id < newest.first AND run.number <= newest.number"
COUNT = f"SELECT count(*) FROM {_FROM} WHERE {_OLD} AND {_BESIDE}"
PICK = f"SELECT run.id FROM {_FROM} WHERE {_OLD} AND {_BESIDE} AND run.id > $3 ORDER BY run.id LIMIT $4"
DELETE = "DELETE FROM jobs.run WHERE id = ANY($1::uuid[])"

DETAILS = {"jobs.log": "run, attempt, number", "jobs.change": "run, number", "jobs.attempt": "run, attempt"}
DELETE_DETAILS = """
    WITH gone AS (
        DELETE FROM {table}
        WHERE ({key}) IN (SELECT {key} FROM {table} WHERE run = ANY($1::uuid[]) LIMIT $2) RETURNING 1
    ) SELECT count(*) FROM gone
"""

# The log of a run that is under way, or waits, is still read.
_OLD_LOGS = f"""
    log.run < $1 AND NOT EXISTS (
        SELECT FROM jobs.run WHERE run.id = log.run AND (state <> 'finished' OR finished_at >= $2 OR {_WAITS})
    )
"""
COUNT_LOGS = f"SELECT count(*) FROM jobs.log WHERE {_OLD_LOGS}"
DELETE_LOGS = f"""
    WITH gone AS (
        DELETE FROM jobs.log WHERE (run, attempt, number) IN (
            SELECT run, attempt, number FROM jobs.log WHERE {_OLD_LOGS} ORDER BY run, attempt, number LIMIT $3
        ) RETURNING 1
    ) SELECT count(*) FROM gone
"""


async def count(connection: Connection, before: datetime) -> int:
    """How many runs are old."""
    return int(await connection.fetchval(COUNT, first_run(before), before))


async def pick(connection: Connection, before: datetime, after: UUID, most: int) -> list[UUID]:
    """At most so many old runs, the oldest first: those behind the run `after`."""
    rows = await connection.fetch(PICK, first_run(before), before, after, most)
    return [row["id"] for row in rows]


async def delete_details(connection: Connection, table: str, runs: list[UUID], most: int) -> int:
    """Delete at most so many rows that hang on these runs, of one of `DETAILS`; how many they were."""
    query = DELETE_DETAILS.format(table=table, key=DETAILS[table])
    return int(await connection.fetchval(query, runs, most))


async def delete(connection: Connection, runs: list[UUID]) -> None:
    """Delete these runs."""
    await connection.execute(DELETE, runs)


async def count_logs(connection: Connection, before: datetime) -> int:
    """How many log lines are old."""
    return int(await connection.fetchval(COUNT_LOGS, first_run(before), before))


async def delete_logs(connection: Connection, before: datetime, most: int) -> int:
    """Delete at most so many of them; how many they were."""
    return int(await connection.fetchval(DELETE_LOGS, first_run(before), before, most))
