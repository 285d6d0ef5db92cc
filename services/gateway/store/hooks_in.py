"""The hooks by which other programs run jobs, and the calls that must not be taken twice."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from ..hooks.terms import CallResult, HookIn, Proof
from .database import Database, Row

_COLUMNS = "name, job, params, events, proof, per_minute, enabled, created_at, called_at, last_event, last_result"


class HookInBody(Struct, frozen=True, kw_only=True):
    """What people decide about a hook in; see `HookIn`."""

    job: str
    params: dict[str, object]
    events: tuple[str, ...]
    per_minute: int
    enabled: bool


async def hooks(database: Database) -> list[HookIn]:
    """All hooks in, by name."""
    async with database.connection() as connection:
        return [_hook(row) for row in await connection.fetch(f"SELECT {_COLUMNS} FROM hook_in ORDER BY name")]


async def find(database: Database, name: str) -> tuple[HookIn, bytes] | None:
    """The hook of this name, and its secret as it is kept."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS}, secret FROM hook_in WHERE name = $1", name)
        return None if row is None else (_hook(row), row["secret"])


async def add(database: Database, name: str, proof: Proof, body: HookInBody, secret: bytes) -> HookIn | None:
    """A new hook; None if the name is taken."""
    query = f"""
        INSERT INTO hook_in (name, proof, secret, job, params, events, per_minute, enabled)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(query, name, proof, secret, *_values(body))
        return None if row is None else _hook(row)


async def change(database: Database, name: str, body: HookInBody) -> HookIn | None:
    """The hook with another body; None if there is none of this name."""
    query = f"""
        UPDATE hook_in SET job = $2, params = $3, events = $4, per_minute = $5, enabled = $6
        WHERE name = $1 RETURNING {_COLUMNS}
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(query, name, *_values(body))
        return None if row is None else _hook(row)


async def set_secret(database: Database, name: str, secret: bytes) -> None:
    """Keep another secret of the hook."""
    async with database.connection() as connection:
        await connection.execute("UPDATE hook_in SET secret = $2 WHERE name = $1", name, secret)


async def remove(database: Database, name: str) -> None:
    """The hook is no more."""
    async with database.connection() as connection:
        await connection.execute("DELETE FROM hook_in WHERE name = $1", name)


async def note_call(database: Database, name: str, event: str, result: CallResult, at: datetime) -> None:
    """Keep what the last call came to."""
    query = "UPDATE hook_in SET called_at = $2, last_event = $3, last_result = $4 WHERE name = $1"
    async with database.connection() as connection:
        await connection.execute(query, name, at, event, result)


async def claim_call(database: Database, name: str, signature: bytes, ends_at: datetime, now: datetime) -> bool:
    """Keep until `ends_at` that this signature was taken; False if it was before. Ended ones are forgotten."""
    query = "INSERT INTO hook_call (hook, signature, ends_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true"
    async with database.connection() as connection, connection.transaction():
        await connection.execute("DELETE FROM hook_call WHERE hook = $1 AND ends_at < $2", name, now)
        return bool(await connection.fetchval(query, name, signature, ends_at))


async def release_call(database: Database, name: str, signature: bytes) -> None:
    """Nothing came of it: this signature can be taken again."""
    async with database.connection() as connection:
        await connection.execute("DELETE FROM hook_call WHERE hook = $1 AND signature = $2", name, signature)


def _values(body: HookInBody) -> tuple[object, ...]:
    return body.job, body.params, list(body.events), body.per_minute, body.enabled


def _hook(row: Row) -> HookIn:
    return msgspec.convert({name: row[name] for name in HookIn.__struct_fields__}, HookIn)
