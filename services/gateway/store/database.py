"""The way to Postgres, with one error for everything that means "not now"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from shared.runtime.cancellation import heed_cancellation

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Row: TypeAlias = asyncpg.Record
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

QUERY_S = 5.0

_NOT_NOW = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # What a connection says that broke in the midst of a query, when it is used once more.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
)


class DatabaseUnreachable(Exception):
    """Postgres does not answer, or can't be reached. Whether a change took effect is unknown."""


@contextmanager
def outages_named() -> Iterator[None]:
    """Turn whatever time may mend into `DatabaseUnreachable`."""
    try:
        yield
    except _NOT_NOW as error:
        heed_cancellation()
        raise DatabaseUnreachable(f"the database does not answer: {type(error).__name__}") from error


class Database:
    """A pool of connections to the schema `jobs`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def connection(self, seconds: float = QUERY_S) -> AsyncIterator[Connection]:
        """A connection for at most so many seconds. Raises `DatabaseUnreachable` for whatever time may mend."""
        with outages_named():
            async with asyncio.timeout(seconds), self._pool.acquire() as connection:
                yield connection

    async def answers(self) -> bool:
        """Whether Postgres answers now."""
        try:
            async with self.connection(2.0) as connection:
                await connection.execute("SELECT 1")
        except DatabaseUnreachable:
            return False
        return True
