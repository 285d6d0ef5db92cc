"""Queries of the table `server`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import UNSET

from .errors import DuplicateServer, NoSuchServer, NotItsShoko
from .records import NewServer, Server, ServerEdit, ServerKind, Sighting

COLUMNS = ", ".join(Server.__struct_fields__)

LIST = f"SELECT {COLUMNS} FROM server WHERE $1::text IS NULL OR kind = $1 ORDER BY created_at, id"
GET = f"SELECT {COLUMNS} FROM server WHERE id = $1"
KIND = "SELECT kind FROM server WHERE id = $1 FOR KEY SHARE"
TOKEN = "SELECT token FROM server WHERE id = $1"
ADD = f"""
    INSERT INTO server (id, kind, name, url, local_url, public_url, token, enabled, shoko_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING {COLUMNS}
"""
CHANGE = f"""
    UPDATE server SET name = coalesce($2, name), url = coalesce($3, url), local_url = coalesce($4, local_url),
        public_url = coalesce($5, public_url), token = coalesce($6, token), enabled = coalesce($7, enabled),
        shoko_id = CASE WHEN $8 THEN $9 ELSE shoko_id END
    WHERE id = $1 RETURNING {COLUMNS}
"""
REMOVE = "DELETE FROM server WHERE id = $1 RETURNING id"
# SET sees the row as it was, so `state` on the right is the state before.
NOTE = f"""
    UPDATE server SET
        state = $2, last_error = $3, latency_ms = $4,
        identifier = coalesce(nullif($5, ''), identifier),
        real_name = coalesce(nullif($6, ''), real_name),
        version = coalesce(nullif($7, ''), version),
        state_since = CASE WHEN state = $2 THEN state_since ELSE $8 END,
        last_seen_at = CASE WHEN $2 = 'up' THEN $8 ELSE last_seen_at END
    WHERE id = $1 RETURNING {COLUMNS}
"""
IDENTIFY = """
    UPDATE server SET identifier = $2, real_name = $3, version = $4
    WHERE id = $1 AND (identifier, real_name, version) IS DISTINCT FROM ($2, $3, $4)
"""

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


async def listed(connection: Connection, kind: ServerKind | None) -> list[Server]:
    """All servers, or those of one kind, the oldest first."""
    return [_server(row) for row in await connection.fetch(LIST, kind)]


async def get(connection: Connection, server_id: UUID) -> Server:
    """One server. NoSuchServer."""
    return _server(await connection.fetchrow(GET, server_id), server_id)


async def sealed_token(connection: Connection, server_id: UUID) -> bytes:
    """Its token as it is kept. NoSuchServer."""
    sealed = await connection.fetchval(TOKEN, server_id)
    if sealed is None:
        raise _missing(server_id)
    return bytes(sealed)


async def add(connection: Connection, server_id: UUID, new: NewServer, token: bytes) -> Server:
    """Insert a server with its sealed token. NotItsShoko."""
    await _check_shoko(connection, new.kind, new.shoko_id)
    values = (new.kind, new.name, new.url, new.local_url, new.public_url, token, new.enabled, new.shoko_id)
    row = await connection.fetchrow(ADD, server_id, *values)
    return _server(row, server_id)


async def change(connection: Connection, server_id: UUID, edit: ServerEdit, token: bytes | None) -> Server:
    """Change what a person decides about a server. NoSuchServer; NotItsShoko."""
    shoko_id = None if edit.shoko_id is UNSET else edit.shoko_id
    if shoko_id is not None:
        await _check_shoko(connection, (await get(connection, server_id)).kind, shoko_id)
    values = (edit.name, edit.url, edit.local_url, edit.public_url, token, edit.enabled)
    row = await connection.fetchrow(CHANGE, server_id, *values, edit.shoko_id is not UNSET, shoko_id)
    return _server(row, server_id)


async def remove(connection: Connection, server_id: UUID) -> None:
    """Delete a server with its libraries and accounts. NoSuchServer."""
    if await connection.fetchval(REMOVE, server_id) is None:
        raise _missing(server_id)


async def note(connection: Connection, server_id: UUID, sighting: Sighting, at: datetime) -> Server:
    """Write down how a server was found. NoSuchServer; DuplicateServer: its identifier is another server's."""
    try:
        row = await connection.fetchrow(
            NOTE,
            server_id,
            sighting.state,
            sighting.error,
            sighting.latency_ms,
            sighting.identifier,
            sighting.real_name,
            sighting.version,
            at,
        )
    except asyncpg.UniqueViolationError:
        raise _duplicate(sighting.real_name) from None
    return _server(row, server_id)


async def identify(connection: Connection, server_id: UUID, identifier: str, real_name: str, version: str) -> None:
    """Write down what a server calls itself; an equal row is left alone. DuplicateServer."""
    try:
        await connection.execute(IDENTIFY, server_id, identifier, real_name, version)
    except asyncpg.UniqueViolationError:
        raise _duplicate(real_name) from None


async def kinds(connection: Connection) -> Sequence[ServerKind]:
    """The kinds of which there is an enabled server."""
    return [row["kind"] for row in await connection.fetch("SELECT DISTINCT kind FROM server WHERE enabled")]


async def _check_shoko(connection: Connection, kind: ServerKind, shoko_id: UUID | None) -> None:
    if shoko_id is None:
        return
    if kind != "jellyfin":
        raise NotItsShoko("Only a Jellyfin server has a Shoko Server behind it: leave that out")
    # Locked, so that it is not removed before it is named.
    found = await connection.fetchval(KIND, shoko_id)
    if found != "shoko":
        raise NotItsShoko(f"{shoko_id} is no Shoko Server of ours: add it first, or choose one that is there")


def _server(row: asyncpg.Record | None, server_id: UUID | None = None) -> Server:
    if row is None:
        raise _missing(server_id)
    return Server(**row)


def _missing(server_id: UUID | None) -> NoSuchServer:
    return NoSuchServer(f"There is no server {server_id}: it may have been removed meanwhile")


def _duplicate(name: str) -> DuplicateServer:
    return DuplicateServer(f"{name or 'This server'} has been added before, under another name or address")
