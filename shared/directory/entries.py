"""Queries of the table `ledger`."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import asyncpg

from .effects import ClosedState, LedgerRow
from .servers import Connection

COLUMNS = ", ".join(LedgerRow.__struct_fields__)

ADD = """
    INSERT INTO ledger (key, run, job, number, kind, person_id, server_id, account_id, target, why, before, after,
                        state, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (key) DO NOTHING
"""
OF_RUN = f"SELECT {COLUMNS} FROM ledger WHERE run = $1 ORDER BY number, id"
HELD = f"SELECT {COLUMNS} FROM ledger WHERE job = $1 AND state = 'held' ORDER BY id"
HELD_ACCOUNTS = "SELECT account_id, run FROM ledger WHERE state = 'held' AND account_id IS NOT NULL ORDER BY id"
LEFT_OPEN = f"SELECT {COLUMNS} FROM ledger WHERE job = $1 AND state IN ('planned', 'claimed') ORDER BY id"
LATEST = f"""
    SELECT DISTINCT ON (account_id) {COLUMNS} FROM ledger
    WHERE account_id = ANY($1::uuid[]) AND kind = 'access' AND state = 'done' ORDER BY account_id, id DESC
"""
CLAIM = "UPDATE ledger SET state = 'claimed' WHERE key = $1 AND state = 'planned' RETURNING true"
CLOSE = f"""
    UPDATE ledger SET state = $2, detail = $3, closed_at = now()
    WHERE key = $1 AND state IN ('planned', 'held', 'claimed') RETURNING {COLUMNS}
"""
RELEASE = """
    WITH released AS (
        UPDATE ledger SET state = 'skipped', detail = $2, closed_at = now()
        WHERE run = $1 AND state = 'held' RETURNING 1
    ) SELECT count(*) FROM released
"""
MARK_UNDONE = "UPDATE ledger SET undone_by = $2 WHERE key = ANY($1::text[])"
MOVE = "UPDATE ledger SET person_id = $2 WHERE person_id = $1"


async def add(connection: Connection, rows: Collection[LedgerRow]) -> None:
    """Insert rows whose keys are not there yet."""
    await connection.executemany(
        ADD,
        [
            (
                row.key, row.run, row.job, row.number, row.kind, row.person_id, row.server_id, row.account_id,
                row.target, row.why, row.before, row.after, row.state, row.detail,
            )
            for row in rows
        ],
    )  # fmt: skip


async def of_run(connection: Connection, run: UUID) -> list[LedgerRow]:
    """A run's rows by number."""
    return [_row(row) for row in await connection.fetch(OF_RUN, run)]


async def held(connection: Connection, job: str) -> list[LedgerRow]:
    """A job's held rows, the oldest first."""
    return [_row(row) for row in await connection.fetch(HELD, job)]


async def held_accounts(connection: Connection) -> dict[UUID, UUID]:
    """For each account with a held row, the run of the newest one."""
    return {row["account_id"]: row["run"] for row in await connection.fetch(HELD_ACCOUNTS)}


async def left_open(connection: Connection, job: str) -> list[LedgerRow]:
    """A job's rows that are neither closed nor held, the oldest first."""
    return [_row(row) for row in await connection.fetch(LEFT_OPEN, job)]


async def latest(connection: Connection, account_ids: Collection[UUID]) -> list[LedgerRow]:
    """The last change of access that was done of each account."""
    return [_row(row) for row in await connection.fetch(LATEST, list(account_ids))]


async def claim(connection: Connection, key: str) -> bool:
    """Make a planned row a claimed one; whether it was planned."""
    return bool(await connection.fetchval(CLAIM, key))


async def close(connection: Connection, key: str, state: ClosedState, detail: str) -> LedgerRow | None:
    """Close a row and return it; None if it is closed already, or not there."""
    row = await connection.fetchrow(CLOSE, key, state, detail)
    return None if row is None else _row(row)


async def release(connection: Connection, run: UUID, by_run: UUID) -> int:
    """Close the held rows of a run in favour of those of another."""
    return int(await connection.fetchval(RELEASE, run, f"approved, and carried out by the run {by_run}"))


async def mark_undone(connection: Connection, keys: Collection[str], by_run: UUID) -> None:
    """Name the run that took effects back."""
    await connection.execute(MARK_UNDONE, list(keys), by_run)


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Make them another person's."""
    await connection.execute(MOVE, person_id, into)


def _row(row: asyncpg.Record) -> LedgerRow:
    return LedgerRow(**row)
