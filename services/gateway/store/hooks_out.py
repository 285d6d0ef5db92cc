"""The hooks by which other programs are told how runs ended."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct

from ..hooks.terms import HookEvent, HookOut
from .database import Connection, Database, Row

_COLUMNS = "id, name, url, events, jobs, categories, enabled, created_at"


class HookOutBody(Struct, frozen=True, kw_only=True):
    """What people decide about a hook out; see `HookOut`."""

    url: str
    events: tuple[HookEvent, ...]
    jobs: tuple[str, ...]
    categories: tuple[str, ...]
    enabled: bool


async def hooks(database: Database) -> list[HookOut]:
    """All hooks out, by name."""
    async with database.connection() as connection:
        return [_hook(row) for row in await connection.fetch(f"SELECT {_COLUMNS} FROM hook_out ORDER BY name")]


async def listening(connection: Connection) -> list[HookOut]:
    """The hooks that are to be told of runs now."""
    return [_hook(row) for row in await connection.fetch(f"SELECT {_COLUMNS} FROM hook_out WHERE enabled")]


async def find(database: Database, name: str) -> HookOut | None:
    """The hook of this name."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM hook_out WHERE name = $1", name)
        return None if row is None else _hook(row)


async def target(database: Database, hook: UUID) -> tuple[HookOut, bytes] | None:
    """The hook with this id, and its secret as it is kept."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS}, secret FROM hook_out WHERE id = $1", hook)
        return None if row is None else (_hook(row), row["secret"])


async def add(database: Database, id: UUID, name: str, body: HookOutBody, secret: bytes) -> HookOut | None:
    """A new hook; None if the name is taken."""
    query = f"""
        INSERT INTO hook_out (id, name, secret, url, events, jobs, categories, enabled)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(query, id, name, secret, *_values(body))
        return None if row is None else _hook(row)


async def change(database: Database, name: str, body: HookOutBody) -> HookOut | None:
    """The hook with another body; None if there is none of this name."""
    query = f"""
        UPDATE hook_out SET url = $2, events = $3, jobs = $4, categories = $5, enabled = $6
        WHERE name = $1 RETURNING {_COLUMNS}
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(query, name, *_values(body))
        return None if row is None else _hook(row)


async def set_secret(database: Database, id: UUID, secret: bytes) -> None:
    """Keep another secret of the hook."""
    async with database.connection() as connection:
        await connection.execute("UPDATE hook_out SET secret = $2 WHERE id = $1", id, secret)


async def remove(database: Database, id: UUID) -> None:
    """The hook is no more, nor is the log of its deliveries."""
    async with database.connection() as connection:
        await connection.execute("DELETE FROM hook_out WHERE id = $1", id)


def _values(body: HookOutBody) -> tuple[object, ...]:
    return body.url, list(body.events), list(body.jobs), list(body.categories), body.enabled


def _hook(row: Row) -> HookOut:
    return msgspec.convert({name: row[name] for name in HookOut.__struct_fields__}, HookOut)
