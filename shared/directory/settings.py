"""Queries of the table `setting`."""

from __future__ import annotations

from typing import Any

from .servers import Connection

GET = "SELECT value FROM setting WHERE name = $1"
PUT = """
    INSERT INTO setting (name, value, changed_by) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, changed_at = now()
"""
PUT_IN = """
    INSERT INTO setting (name, value, changed_by) VALUES ($1, jsonb_build_object($2::text, $3::jsonb), $4)
    ON CONFLICT (name) DO UPDATE
    SET value = setting.value || excluded.value, changed_by = excluded.changed_by, changed_at = now()
"""
# A row that is not there yet can't be locked, and of two who set it first, the second must hear of the first.
LOCK = "LOCK TABLE setting IN SHARE ROW EXCLUSIVE MODE"


async def get(connection: Connection, name: str) -> Any:
    """The value of a setting; None if nobody has set it."""
    return await connection.fetchval(GET, name)


async def put(connection: Connection, name: str, value: Any, by: str) -> Any:
    """Set it, in a transaction, and tell the value before; None if there was none."""
    await connection.execute(LOCK)
    before = await get(connection, name)
    await connection.execute(PUT, name, value, by)
    return before


async def put_in(connection: Connection, name: str, key: str, value: Any, by: str) -> Any:
    """Set one entry of a setting that has several, in a transaction; its value before, None if there was none."""
    await connection.execute(LOCK)
    before = await get(connection, name) or {}
    await connection.execute(PUT_IN, name, key, value, by)
    return before.get(key)
