"""The record of what people changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from .database import Database


class Deed(Struct, frozen=True, kw_only=True):
    """Who did what to which target, from where; what was there before and after. Never a secret."""

    at: datetime
    who: str
    address: str
    action: str
    target: str
    before: Any = None
    after: Any = None


class AuditRow(Deed, frozen=True, kw_only=True):
    id: int


async def write(database: Database, deed: Deed) -> None:
    """Keep it."""
    query = "INSERT INTO audit (at, who, address, action, target, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    before, after = msgspec.to_builtins(deed.before), msgspec.to_builtins(deed.after)
    async with database.connection() as connection:
        await connection.execute(query, deed.at, deed.who, deed.address, deed.action, deed.target, before, after)


async def newest(database: Database, before: int, limit: int) -> list[AuditRow]:
    """The newest `limit` rows with an id below `before`, newest first."""
    query = (
        "SELECT id, at, who, address, action, target, before, after FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2"
    )
    async with database.connection() as connection:
        return [AuditRow(**row) for row in await connection.fetch(query, before, limit)]
