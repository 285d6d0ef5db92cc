"""The hooks by which other programs run jobs, and the calls that must not be taken twice."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from ..hooks.terms import CallResult, HookIn
from .database import Database
from .hook_table import HookTable

HOOKS_IN = HookTable("hook_in", HookIn)


class HookInBody(Struct, frozen=True, kw_only=True):
    """What people decide about a hook in; see `HookIn`."""

    job: str
    params: dict[str, object]
    events: tuple[str, ...]
    per_minute: int
    enabled: bool


async def note_call(database: Database, name: str, event: str, result: CallResult, at: datetime) -> None:
    """Keep what the last call came to."""
    query = "UPDATE hook_in SET called_at = $2, last_event = $3, last_result = $4 WHERE name = $1"
    async with database.connection() as connection:
        await connection.execute(query, name, at, event, result)


async def claim_call(database: Database, name: str, signature: bytes, ends_at: datetime, now: datetime) -> bool:
    """Keep until `ends_at` that this signature was taken; False if it was before. Ended ones are forgotten."""
    query = "INSERT INTO hook_call (hook, signature, ends_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true"
    async with database.connection() as connection, connection.transaction():
        await connection.execute("DELETE FROM hook_call WHERE hook = $1 AND ends_at < $2", name, now)
        return bool(await connection.fetchval(query, name, signature, ends_at))


async def release_call(database: Database, name: str, signature: bytes) -> None:
    """Nothing came of it: this signature can be taken again."""
    async with database.connection() as connection:
        await connection.execute("DELETE FROM hook_call WHERE hook = $1 AND signature = $2", name, signature)
