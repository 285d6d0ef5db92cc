"""Queries of the table `unsubscribed`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from . import people
from .mailrecords import Unsubscribed
from .servers import Connection

GET = "SELECT person_id, at, how FROM unsubscribed WHERE person_id = $1"
ADD = """
    INSERT INTO unsubscribed (person_id, at, how) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true
"""
REMOVE = "DELETE FROM unsubscribed WHERE person_id = $1 RETURNING true"
MOVE = """
    UPDATE unsubscribed SET person_id = $2 WHERE person_id = $1
    AND NOT EXISTS (SELECT FROM unsubscribed WHERE person_id = $2)
"""


async def get(connection: Connection, person_id: UUID) -> Unsubscribed | None:
    """Since when a person wants no campaigns; None: they get them."""
    row = await connection.fetchrow(GET, person_id)
    return None if row is None else Unsubscribed(**row)


async def add(connection: Connection, person_id: UUID, at: datetime, how: str) -> bool:
    """Note that a person wants none; False if that was known. NoSuchPerson."""
    try:
        return bool(await connection.fetchval(ADD, person_id, at, how))
    except asyncpg.ForeignKeyViolationError:
        raise people.missing(person_id) from None


async def remove(connection: Connection, person_id: UUID) -> bool:
    """Note that a person wants them again; False if they always did."""
    return bool(await connection.fetchval(REMOVE, person_id))


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Who of two has unsubscribed, unsubscribes both."""
    await connection.execute(MOVE, person_id, into)
