"""Queries of the table `alert_channel`."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from .alertrecords import Channel, ChannelWish
from .errors import NameTaken, NoSuchChannel
from .servers import Connection

LIST = """
    SELECT name, service, kinds, enabled, changed_at, changed_by,
        (SELECT max(closed_at) FROM alert_sending WHERE channel = name AND state = 'sent') AS sent_at,
        coalesce(last.answer, '') AS trouble
    FROM alert_channel LEFT JOIN LATERAL (
        SELECT answer FROM alert_sending WHERE channel = name AND tries > 0 AND state <> 'dropped'
        ORDER BY coalesce(closed_at, claimed_at) DESC, alert_id LIMIT 1
    ) AS last ON true
    WHERE $1::text IS NULL OR name = $1 ORDER BY name
"""
SEALED = "SELECT sealed FROM alert_channel WHERE name = $1"
ANY_ENABLED = "SELECT EXISTS (SELECT FROM alert_channel WHERE enabled)"
ADD = """
    INSERT INTO alert_channel (name, service, kinds, enabled, sealed, changed_at, changed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING RETURNING true
"""
CHANGE = """
    UPDATE alert_channel SET service = $2, kinds = $3, enabled = $4, sealed = coalesce($5, sealed), changed_at = $6,
        changed_by = $7
    WHERE name = $1 RETURNING true
"""
REMOVE = "DELETE FROM alert_channel WHERE name = $1 RETURNING true"


async def listed(connection: Connection) -> list[Channel]:
    """All channels, by name."""
    return [_channel(row) for row in await connection.fetch(LIST, None)]


async def get(connection: Connection, name: str) -> Channel:
    """One channel. NoSuchChannel."""
    rows = await connection.fetch(LIST, name)
    if not rows:
        raise missing(name)
    return _channel(rows[0])


async def sealed(connection: Connection, name: str) -> bytes:
    """A channel's address as it is kept. NoSuchChannel."""
    found: bytes | None = await connection.fetchval(SEALED, name)
    if found is None:
        raise missing(name)
    return found


async def any_enabled(connection: Connection) -> bool:
    """Whether alerts go anywhere."""
    return bool(await connection.fetchval(ANY_ENABLED))


async def add(connection: Connection, wish: ChannelWish, address: bytes, by: str, at: datetime) -> None:
    """A new channel. NameTaken."""
    if not await connection.fetchval(ADD, *_values(wish), address, at, by):
        raise NameTaken(f"There is a channel named {wish.name}: take another name, or change that one")


async def change(connection: Connection, wish: ChannelWish, address: bytes | None, by: str, at: datetime) -> None:
    """Make a channel what is wished; without an address it keeps its own. NoSuchChannel."""
    if not await connection.fetchval(CHANGE, *_values(wish), address, at, by):
        raise missing(wish.name)


async def remove(connection: Connection, name: str) -> None:
    """Remove a channel, and what it got. NoSuchChannel."""
    if not await connection.fetchval(REMOVE, name):
        raise missing(name)


def missing(name: str) -> NoSuchChannel:
    """What is raised for a channel that is not there."""
    return NoSuchChannel(f"There is no channel named {name}: it may have been removed")


def _values(wish: ChannelWish) -> tuple[object, ...]:
    return wish.name, wish.service, list(wish.kinds), wish.enabled


def _channel(row: asyncpg.Record) -> Channel:
    return Channel(**{**row, "kinds": tuple(row["kinds"])})
