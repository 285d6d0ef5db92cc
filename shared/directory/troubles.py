"""Queries of the table `access_trouble`: accounts on which a change failed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from .servers import Connection


class Trouble(Struct, frozen=True, kw_only=True):
    """How often a change of an account has failed since `since`, why the last time, and when it is tried again."""

    tries: int
    next_at: datetime
    error: str
    since: datetime


LIST = "SELECT account_id, tries, next_at, error, since FROM access_trouble"
NOTE = """
    INSERT INTO access_trouble (account_id, tries, next_at, error) SELECT id, 1, $2, $3 FROM account WHERE id = $1
    ON CONFLICT (account_id) DO UPDATE
    SET tries = access_trouble.tries + 1, next_at = excluded.next_at, error = excluded.error
"""
CLEAR = "DELETE FROM access_trouble WHERE account_id = ANY($1::uuid[])"


async def listed(connection: Connection) -> dict[UUID, Trouble]:
    """All troubles, by account."""
    return {
        row["account_id"]: Trouble(tries=row["tries"], next_at=row["next_at"], error=row["error"], since=row["since"])
        for row in await connection.fetch(LIST)
    }


async def note(connection: Connection, account_id: UUID, error: str, next_at: datetime) -> None:
    """Count one more failure; an account that is gone has none."""
    await connection.execute(NOTE, account_id, next_at, error)


async def clear(connection: Connection, account_ids: Collection[UUID]) -> None:
    """Delete the troubles of accounts."""
    await connection.execute(CLEAR, list(account_ids))
