"""Specs and controls as they were last heard, so that a gateway can show the jobs while NATS is down."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from shared.contracts.controls import Control
from shared.contracts.specs import Spec

from .database import Database

_LOAD_S = 60.0

_WRITE_SPECS = """
INSERT INTO spec (job, category, body) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
ON CONFLICT (job) DO UPDATE SET category = excluded.category, body = excluded.body
WHERE spec.body IS DISTINCT FROM excluded.body
"""

_WRITE_CONTROLS = """
INSERT INTO control (job, body, revision) SELECT * FROM unnest($1::text[], $2::jsonb[], $3::bigint[])
ON CONFLICT (job) DO UPDATE SET body = excluded.body, revision = excluded.revision
WHERE control.revision IS DISTINCT FROM excluded.revision
"""


async def read_specs(database: Database) -> list[Spec]:
    """All specs."""
    async with database.connection(_LOAD_S) as connection:
        return [msgspec.convert(row["body"], Spec) for row in await connection.fetch("SELECT body FROM spec")]


async def read_controls(database: Database) -> list[Control]:
    """All controls."""
    async with database.connection(_LOAD_S) as connection:
        return [msgspec.convert(row["body"], Control) for row in await connection.fetch("SELECT body FROM control")]


async def write_specs(database: Database, specs: Mapping[str, Spec | None]) -> None:
    """Keep these specs; None forgets the job's."""
    kept = [spec for spec in specs.values() if spec is not None]
    gone = [job for job, spec in specs.items() if spec is None]
    async with database.connection(_LOAD_S) as connection, connection.transaction():
        await connection.execute("DELETE FROM spec WHERE job = ANY($1)", gone)
        columns = [spec.name for spec in kept], [spec.category for spec in kept], [_plain(spec) for spec in kept]
        await connection.execute(_WRITE_SPECS, *columns)


async def write_controls(database: Database, controls: Mapping[str, tuple[Control | None, int]]) -> None:
    """Keep these controls, each with its revision; None forgets the job's."""
    kept = [(control, revision) for control, revision in controls.values() if control is not None]
    gone = [job for job, (control, _) in controls.items() if control is None]
    async with database.connection(_LOAD_S) as connection, connection.transaction():
        await connection.execute("DELETE FROM control WHERE job = ANY($1)", gone)
        columns = [c.job for c, _ in kept], [_plain(c) for c, _ in kept], [revision for _, revision in kept]
        await connection.execute(_WRITE_CONTROLS, *columns)


def _plain(struct: Spec | Control) -> object:
    return msgspec.to_builtins(struct)
