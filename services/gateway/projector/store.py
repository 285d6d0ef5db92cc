"""What the projector writes. One statement takes a whole batch of runs, and how far the streams were read, with it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import asyncpg
import msgspec
from msgspec import NODEFAULT, structs

from shared.contracts import codec
from shared.contracts.controls import Control
from shared.contracts.reports import Failure
from shared.contracts.specs import Spec
from shared.runtime.locks import PROJECTOR

from ..runs import RunRow
from ..store import hook_deliveries
from .fold import Batch, Memory

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy

_COLUMNS = RunRow.__struct_fields__
_NAMES = ", ".join(_COLUMNS)
# All rows go in one JSON text: Postgres takes it apart for less than encoding it value by value costs here. A row
# leaves out what has its default, so that Postgres is told the defaults too (but for null, which it takes by itself).
_DEFAULTS = {f.name: f.default for f in structs.fields(RunRow) if f.default not in (None, NODEFAULT)}
# With $6, nothing is written when a hook is to be told of an end: that takes a transaction, which costs a run by hand
# half a millisecond and is mostly not called for.
_WRITE_RUNS = f"""
    WITH may AS (
        SELECT NOT ($6 AND {hook_deliveries.ANYBODY_LISTENS}) AS may
    ), read AS (
        INSERT INTO position (stream, created, sequence)
        SELECT given.* FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given, may WHERE may
        ON CONFLICT (stream) DO UPDATE SET created = excluded.created, sequence = excluded.sequence
    ), written AS (
        INSERT INTO run ({_NAMES})
        SELECT {_NAMES} FROM json_populate_recordset(json_populate_record(NULL::run, $4), $5), may WHERE may
        ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "id")}
        WHERE run.rank <= excluded.rank
    )
    SELECT may FROM may
"""
_LOCK = "SELECT pg_try_advisory_lock(hashtext($1))"


async def try_to_lead(connection: Connection) -> bool:
    """Become the one projector. The lock belongs to the connection that writes: whoever loses it can write no more."""
    return bool(await connection.fetchval(_LOCK, PROJECTOR))


async def read_positions(connection: Connection) -> dict[str, tuple[str, int]]:
    """By stream: when it was created, and how far it was read."""
    rows = await connection.fetch("SELECT stream, created, sequence FROM position")
    return {row["stream"]: (row["created"], row["sequence"]) for row in rows}


async def read_memory(connection: Connection) -> Memory:
    """All runs of which more may come, and the number of finished runs by job."""
    rows = await connection.fetch(f"SELECT {_NAMES} FROM run WHERE state <> 'finished' OR trigger IS NULL")
    counts = await connection.fetch("SELECT job, max(number) AS finished FROM run GROUP BY job")
    return Memory(map(_row, rows), {count["job"]: count["finished"] for count in counts})


async def read_runs(connection: Connection, ids: Iterable[UUID]) -> list[RunRow]:
    """Those of these runs that are in the database."""
    return [_row(row) for row in await connection.fetch(f"SELECT {_NAMES} FROM run WHERE id = ANY($1)", list(ids))]


async def write(connection: Connection, batch: Batch, positions: dict[str, tuple[str, int]]) -> None:
    """Write a batch, the positions and which hooks are to be told with it: all, or nothing."""
    ended = [run for run in batch.runs.values() if run.outcome is not None]
    if not batch.detailed and await _write_runs(connection, batch, positions, unless_told=bool(ended)):
        return
    async with connection.transaction():
        if batch.detailed:
            await _write_details(connection, batch)
        await _write_runs(connection, batch, positions)
        if ended:
            await hook_deliveries.decide(connection, ended)


async def write_specs(connection: Connection, specs: dict[str, Spec | None]) -> None:
    """Specs that were announced, or (None) withdrawn."""
    announced = {job: spec for job, spec in specs.items() if spec is not None}
    if announced:
        await connection.execute(
            "INSERT INTO spec (job, category, body) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])"
            " ON CONFLICT (job) DO UPDATE SET category = excluded.category, body = excluded.body",
            list(announced),
            [spec.category for spec in announced.values()],
            [msgspec.to_builtins(spec) for spec in announced.values()],
        )
    if withdrawn := [job for job in specs if job not in announced]:
        await connection.execute("DELETE FROM spec WHERE job = ANY($1)", withdrawn)


async def write_controls(connection: Connection, controls: dict[str, tuple[Control, int]]) -> None:
    """Controls, each with its revision."""
    if not controls:
        return
    await connection.executemany(
        "INSERT INTO control (job, body, revision) VALUES ($1, $2, $3) ON CONFLICT (job) DO UPDATE"
        " SET body = excluded.body, revision = excluded.revision WHERE control.revision < excluded.revision",
        [(job, msgspec.to_builtins(control), revision) for job, (control, revision) in controls.items()],
    )


async def forget_revisions(connection: Connection) -> None:
    """Another bucket counts from one again: whatever it says is newer than what is here."""
    await connection.execute("UPDATE control SET revision = 0 WHERE revision > 0")


async def _write_runs(
    connection: Connection, batch: Batch, positions: dict[str, tuple[str, int]], *, unless_told: bool = False
) -> bool:
    """Whether it was done; `unless_told`: not if there is a hook to be told of runs."""
    written = await connection.fetchval(
        _WRITE_RUNS,
        list(positions),
        [created for created, _ in positions.values()],
        [sequence for _, sequence in positions.values()],
        codec.encode(_DEFAULTS).decode(),
        codec.encode(list(batch.runs.values())).decode(),
        unless_told,
    )
    return bool(written)


async def _write_details(connection: Connection, batch: Batch) -> None:
    if batch.skipped:
        rows = [(s.job, s.first, s.last, s.count, s.why, s.at) for s in batch.skipped]
        await connection.execute(
            "INSERT INTO skipped (job, first, last, count, why, at) SELECT * FROM"
            " unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::integer[], $5::text[], $6::timestamptz[])"
            " ON CONFLICT (job, first) DO NOTHING",
            *zip(*rows, strict=True),
        )
    if batch.logs:
        await connection.executemany(
            "INSERT INTO log (run, attempt, number, at, level, text) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT DO NOTHING",
            [(line.run, line.attempt, line.number, line.at, line.level, line.text) for line in batch.logs],
        )
    if batch.retries:
        await connection.executemany(
            "INSERT INTO attempt (run, attempt, worker, ended_at, next_at, error) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT DO NOTHING",
            [(r.run, r.attempt, worker, r.at, r.next_at, msgspec.to_builtins(r.error)) for r, worker in batch.retries],
        )
    await _write_plans(connection, batch)


async def _write_plans(connection: Connection, batch: Batch) -> None:
    # A new attempt plans anew; what an earlier one has done stays on record.
    await connection.executemany(
        "INSERT INTO change (run, number, action, target, why, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (run, number) DO UPDATE SET action = excluded.action, target = excluded.target,"
        " why = excluded.why, before = excluded.before, after = excluded.after WHERE change.state <> 'done'",
        [
            (plan.run, c.number, c.action, c.target, c.why, c.before, c.after)
            for plan in batch.plans
            for c in plan.changes
        ],
    )
    await connection.executemany(
        "UPDATE change SET state = $3, detail = $4 WHERE run = $1 AND number = $2",
        [(applied.run, applied.number, applied.state, applied.detail) for applied in batch.applied],
    )


def _row(record: asyncpg.Record) -> RunRow:
    row = RunRow(**record)
    row.error = msgspec.convert(record["error"], Failure) if record["error"] is not None else None
    row.params = record["params"] or {}
    return row
