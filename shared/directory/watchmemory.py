"""The door to what accounts had watched when they were last looked at, by Shoko's ids.

Jellyfin gives an item another id when its file moves, and forgets with the former what people had watched of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

ROWS_AT_ONCE = 1_000

GONE = """
    SELECT shoko_file, shoko_episode, shoko_series, item_id, data FROM watch_memory
    WHERE account_id = $1 AND NOT item_id = ANY($2::text[]) ORDER BY seen_at DESC, shoko_file, shoko_episode
"""
# An account that was deleted meanwhile is left out; a row that is the same is not written again.
REMEMBER = """
    INSERT INTO watch_memory (account_id, shoko_file, shoko_episode, shoko_series, item_id, data, seen_at)
    SELECT $1, file, episode, series, item, data, $7 FROM unnest($2::text[], $3::text[], $4::text[], $5::text[],
        $6::jsonb[]) AS seen (file, episode, series, item, data) WHERE EXISTS (SELECT FROM account WHERE id = $1)
    ON CONFLICT (account_id, shoko_file, shoko_episode) DO UPDATE
    SET shoko_series = excluded.shoko_series, item_id = excluded.item_id, data = excluded.data,
        seen_at = excluded.seen_at
    WHERE (watch_memory.item_id, watch_memory.data) IS DISTINCT FROM (excluded.item_id, excluded.data)
"""
FORGET_ITEMS = "DELETE FROM watch_memory WHERE account_id = $1 AND item_id = ANY($2::text[])"
FORGET = "DELETE FROM watch_memory WHERE account_id = $1 AND shoko_file = $2 AND shoko_episode = $3"
COUNT = """
    SELECT count(*) FROM watch_memory JOIN account ON account.id = account_id WHERE server_id = $1
"""


class Remembered(Struct, frozen=True, kw_only=True):
    """What an account had watched of an item; `data` is JSON, as whoever remembers it puts it."""

    shoko_file: str
    shoko_episode: str
    shoko_series: str
    item_id: str
    data: Any


class WatchMemory:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of_gone(self, account_id: UUID, present: Collection[str]) -> list[Remembered]:
        """What is remembered of items that are not among those `present`, the newest first."""
        async with self._pool.acquire() as connection:
            return [Remembered(**row) for row in await connection.fetch(GONE, account_id, list(present))]

    async def remember(self, account_id: UUID, seen: Collection[Remembered], at: datetime) -> None:
        """Remember these in place of what was known of their files and episodes."""
        left = iter(seen)
        while rows := list(islice(left, ROWS_AT_ONCE)):
            async with self._pool.acquire() as connection:
                await connection.execute(REMEMBER, account_id, *_columns(rows), at)

    async def forget_items(self, account_id: UUID, items: Collection[str]) -> None:
        """Forget what was watched of these items: it has been taken back."""
        async with self._pool.acquire() as connection:
            await connection.execute(FORGET_ITEMS, account_id, list(items))

    async def forget(self, account_id: UUID, shoko_file: str, shoko_episode: str) -> None:
        """Forget one: another item has it now."""
        async with self._pool.acquire() as connection:
            await connection.execute(FORGET, account_id, shoko_file, shoko_episode)

    async def count(self, server_id: UUID) -> int:
        """How much is remembered of the accounts of a server."""
        async with self._pool.acquire() as connection:
            return int(await connection.fetchval(COUNT, server_id))


def _columns(rows: Sequence[Remembered]) -> list[list[Any]]:
    return [
        [row.shoko_file for row in rows],
        [row.shoko_episode for row in rows],
        [row.shoko_series for row in rows],
        [row.item_id for row in rows],
        [row.data for row in rows],
    ]
