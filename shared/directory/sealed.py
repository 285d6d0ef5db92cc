"""Queries of the table `secret`."""

from __future__ import annotations

from .servers import Connection

GET = "SELECT sealed FROM secret WHERE name = $1"
NAMES = "SELECT name FROM secret"
PUT = """
    INSERT INTO secret (name, sealed, changed_by) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, changed_by = excluded.changed_by, changed_at = now()
"""
REMOVE = "DELETE FROM secret WHERE name = $1"


async def get(connection: Connection, name: str) -> bytes | None:
    """A secret as it is kept; None if there is none."""
    found: bytes | None = await connection.fetchval(GET, name)
    return found


async def names(connection: Connection) -> set[str]:
    """The names of those that are kept."""
    return {row["name"] for row in await connection.fetch(NAMES)}


async def put(connection: Connection, name: str, sealed: bytes, by: str) -> None:
    """Keep a secret, in place of the former."""
    await connection.execute(PUT, name, sealed, by)


async def remove(connection: Connection, name: str) -> None:
    """Keep it no more."""
    await connection.execute(REMOVE, name)
