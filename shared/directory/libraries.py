"""Queries of the table `library`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from .observation import SeenLibrary
from .records import Library
from .servers import Connection

COLUMNS = ", ".join(Library.__struct_fields__)

OF_SERVER = f"SELECT {COLUMNS} FROM library WHERE server_id = $1 ORDER BY title, outside_id"
LIST = f"""
    SELECT {COLUMNS} FROM library
    WHERE ($1::uuid IS NULL OR server_id = $1) AND removed_at IS NULL ORDER BY title, server_id, outside_id
"""
PUT = """
    INSERT INTO library (server_id, outside_id, title, kind, item_count)
    SELECT $1::uuid, * FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[])
    ON CONFLICT (server_id, outside_id) DO UPDATE
    SET title = excluded.title, kind = excluded.kind, item_count = excluded.item_count, removed_at = NULL
"""
VIEWERS = """
    SELECT library.id, count(DISTINCT account.person_id)
    FROM library JOIN observed_access ON library_id = library.id JOIN account ON account.id = account_id
    WHERE library.server_id = $1 AND library.removed_at IS NULL AND account.removed_at IS NULL GROUP BY library.id
"""
MARK_REMOVED = "UPDATE library SET removed_at = now() WHERE server_id = $1 AND outside_id = ANY($2::text[])"


async def of_server(connection: Connection, server_id: UUID) -> list[Library]:
    """All libraries of a server, removed ones too."""
    return [Library(**row) for row in await connection.fetch(OF_SERVER, server_id)]


async def listed(connection: Connection, server_id: UUID | None) -> list[Library]:
    """The libraries that are there, of one server or of all, by title."""
    return [Library(**row) for row in await connection.fetch(LIST, server_id)]


async def viewers(connection: Connection, server_id: UUID) -> dict[UUID, int]:
    """How many people see each library of a server; those that nobody sees are left out."""
    return {library_id: people for library_id, people in await connection.fetch(VIEWERS, server_id)}


async def put(connection: Connection, server_id: UUID, seen: Sequence[SeenLibrary]) -> None:
    """Insert or update libraries by their outside ids; one that had been removed is there again."""
    await connection.execute(
        PUT,
        server_id,
        [library.outside_id for library in seen],
        [library.title for library in seen],
        [library.kind for library in seen],
        [library.item_count for library in seen],
    )


async def mark_removed(connection: Connection, server_id: UUID, outside_ids: Sequence[str]) -> None:
    """Mark libraries as removed."""
    await connection.execute(MARK_REMOVED, server_id, outside_ids)
