"""The door to what is kept of the past: how much of it has had its time, and its deletion, a little at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime
from uuid import UUID

import asyncpg

from . import rows, runs
from .policy import Kind

MOST = 1000
"""Rows that one statement deletes at most: it is over in milliseconds, and nobody waits for it."""


class NoHistory(Exception):
    """The history is not there, or not ours to delete; the message says what to mend."""


class History:
    """`pool` is of the database in which both schemas are."""

    def __init__(self, pool: asyncpg.Pool, most: int = MOST) -> None:
        self._pool = pool
        self._most = most

    async def count(self, kind: Kind, before: datetime) -> int:
        """How much of a kind is older than that and not needed any more. NoHistory."""
        with _named():
            async with self._pool.acquire() as connection:
                match kind:
                    case "runs":
                        return await runs.count(connection, before)
                    case "logs":
                        return await runs.count_logs(connection, before)
                    case _:
                        return await rows.count(connection, kind, before)

    async def delete(self, kind: Kind, before: datetime) -> AsyncGenerator[int, None]:
        """Delete it, and tell after each statement how many of the kind it has deleted. NoHistory."""
        steps = self._runs(before) if kind == "runs" else self._rows(kind, before)
        with _named():
            async with aclosing(steps):
                async for deleted in steps:
                    yield deleted

    async def _rows(self, kind: Kind, before: datetime) -> AsyncGenerator[int, None]:
        while True:
            async with self._pool.acquire() as connection:
                if kind == "logs":
                    deleted = await runs.delete_logs(connection, before, self._most)
                else:
                    deleted = await rows.delete(connection, kind, before, self._most)
            if not deleted:
                return
            yield deleted

    async def _runs(self, before: datetime) -> AsyncGenerator[int, None]:
        """What hangs on runs goes first, so that none of it is left behind by a process that dies in between."""
        after = UUID(int=0)
        while True:
            async with self._pool.acquire() as connection:
                some = await runs.pick(connection, before, after, self._most)
            if not some:
                return
            for table in runs.DETAILS:
                while await self._details(table, some):
                    yield 0
            async with self._pool.acquire() as connection:
                await runs.delete(connection, some)
            after = some[-1]
            yield len(some)

    async def _details(self, table: str, some: list[UUID]) -> int:
        async with self._pool.acquire() as connection:
            return await runs.delete_details(connection, table, some, self._most)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except asyncpg.UndefinedTableError as error:
        raise NoHistory(f"{error.message}: the gateway makes these tables; start it once") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise NoHistory(f"{error.message}: let this worker's role SELECT and DELETE there") from error
