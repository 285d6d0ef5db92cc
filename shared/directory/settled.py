"""Queries of the table `settled_access`: what accounts had when they were as they should be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from shared.access.terms import Libraries

from .servers import Connection

PUT = """
    INSERT INTO settled_access (account_id, libraries, locked_by_us) VALUES ($1, $2::integer[], $3)
    ON CONFLICT (account_id) DO UPDATE
    SET libraries = excluded.libraries, locked_by_us = excluded.locked_by_us, at = now()
"""
PUT_ALL = """
    INSERT INTO settled_access (account_id, libraries)
    SELECT id, settled.libraries::integer[]
    FROM unnest($1::uuid[], $2::text[]) AS settled (account_id, libraries)
    JOIN account ON id = settled.account_id ORDER BY id
    ON CONFLICT (account_id) DO UPDATE
    SET libraries = excluded.libraries, at = now(), locked_by_us = settled_access.locked_by_us
        AND (SELECT state = 'disabled' FROM account WHERE id = excluded.account_id)
"""
TIMES = "SELECT account_id, at FROM settled_access WHERE account_id = ANY($1::uuid[])"
BEGIN = """
    INSERT INTO settled_access (account_id, libraries)
    SELECT account.id, '{}' FROM account JOIN person ON person.id = person_id
    WHERE server_id = $1 AND outside_id = ANY($2::text[]) AND managed_since IS NOT NULL
    ON CONFLICT (account_id) DO UPDATE SET libraries = '{}', locked_by_us = false, at = now()
"""
FORGET = "DELETE FROM settled_access WHERE account_id = $1"


async def put(connection: Connection, account_id: UUID, libraries: Libraries, *, locked_by_us: bool) -> None:
    """What an account has after a change of ours."""
    await connection.execute(PUT, account_id, sorted(libraries), locked_by_us)


async def put_all(connection: Connection, settled: Mapping[UUID, Libraries]) -> None:
    """What accounts have that were found as they should be."""
    # PostgreSQL has no arrays of arrays of different lengths, so each goes as the text of one.
    texts = [f"{{{','.join(map(str, sorted(libraries)))}}}" for libraries in settled.values()]
    await connection.execute(PUT_ALL, list(settled), texts)


async def times(connection: Connection, account_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When these accounts were last as they should be; one that never was is left out."""
    rows = await connection.fetch(TIMES, list(account_ids))
    return {row["account_id"]: row["at"] for row in rows}


async def begin(connection: Connection, server_id: UUID, outside_ids: Sequence[str]) -> None:
    """Accounts have appeared on a server. What those of managed people have there, somebody gave them by hand: without
    this it would be taken from them, as rules can't have said anything of it yet."""
    await connection.execute(BEGIN, server_id, outside_ids)


async def forget(connection: Connection, account_id: UUID) -> None:
    """The account has gone: what it had is no base for what it has if it comes back."""
    await connection.execute(FORGET, account_id)
