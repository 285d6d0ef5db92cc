"""PostgreSQL goes away just while a service starts: it waits, and begins again. Or it falls silent, and nobody who
wants to stop is held up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.gateway.store.database import Database
from shared.runtime.database import migrate, open_pool
from shared.runtime.database_grants import grant
from tests.chaos.storm.links import Ends, Link, unix
from tests.support.servers import BreakablePostgres, postgres_at, socket_of
from tests.support.waiting import wait_until

Migrating = Callable[[str], Awaitable[asyncio.Future[None]]]


async def waits_for_a_lock(watching: asyncpg.Connection[asyncpg.Record]) -> bool:
    return bool(await watching.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"))


@pytest.fixture
async def half_way(folder: Path, postgres_server: BreakablePostgres) -> AsyncIterator[Migrating]:
    """Begins migrations that wait in the midst of a step, until PostgreSQL is killed."""
    steps = folder / "migrations"
    steps.mkdir()
    (steps / "0001_thing.sql").write_text("CREATE TABLE thing (); SELECT pg_advisory_lock(1);")
    holding = await asyncpg.connect(postgres_server.url)
    await holding.execute("SELECT pg_advisory_lock(1)")

    async def begin(url: str) -> asyncio.Future[None]:
        migrating = asyncio.ensure_future(migrate(url, "attic", steps))
        await wait_until(lambda: waits_for_a_lock(holding), what="a migration half-way")
        return migrating

    yield begin
    holding.terminate()


async def test_in_the_midst_of_a_migration(half_way: Migrating, postgres_server: BreakablePostgres) -> None:
    migrating = await half_way(postgres_server.url)
    await postgres_server.kill()
    await postgres_server.restart()
    await asyncio.wait_for(migrating, 20)
    async with open_pool(postgres_server.url, schema="attic") as pool:
        assert await pool.fetchval("SELECT count(*) FROM migration") == 1


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_between_two_connections(postgres_server: BreakablePostgres, lost: int) -> None:
    server, came = unix(socket_of(postgres_server.url)), 0

    async def now_and_then() -> Ends:
        nonlocal came
        came += 1
        if came == lost:
            raise ConnectionRefusedError
        return await server()

    link = Link(now_and_then)
    async with link.listening():
        await grant(postgres_at(link.port))
        async with open_pool(postgres_at(link.port), schema="public") as pool:
            assert await pool.fetchval("SELECT 1") == 1
    assert came > 3, "as many as it takes, and the one that was lost"


@pytest.fixture
async def link(postgres_server: BreakablePostgres) -> AsyncIterator[Link]:
    """A way to PostgreSQL that can fall silent."""
    made = Link(unix(socket_of(postgres_server.url)))
    async with made.listening():
        yield made


async def test_a_pool_is_closed_in_silence(link: Link) -> None:
    async with asyncio.timeout(10), open_pool(postgres_at(link.port), schema="public") as pool:
        assert await pool.fetchval("SELECT 1") == 1
        link.silence()


async def test_a_query_takes_no_longer_than_it_may(link: Link) -> None:
    async with open_pool(postgres_at(link.port), schema="public") as pool:
        database = Database(pool)
        assert await database.answers()
        link.silence()
        async with asyncio.timeout(10):
            assert not await database.answers()
        link.mend()
        await wait_until(database.answers, 20, what="an answer")


async def in_one_query(database: Database, link: Link, begun: asyncio.Event) -> None:
    async with database.connection(60) as connection:
        link.silence()
        begun.set()
        await connection.execute("SELECT 1")


async def in_a_transaction(database: Database, link: Link, begun: asyncio.Event) -> None:
    async with database.connection(60) as connection, connection.transaction():
        link.silence()
        begun.set()
        await connection.execute("SELECT 1")


@pytest.mark.parametrize("work", [in_one_query, in_a_transaction])
async def test_whoever_is_stopped_in_silence_stops(
    link: Link, work: Callable[[Database, Link, asyncio.Event], Coroutine[Any, Any, None]]
) -> None:
    async with open_pool(postgres_at(link.port), schema="public") as pool:
        begun = asyncio.Event()
        working = asyncio.ensure_future(work(Database(pool), link, begun))
        await begun.wait()
        working.cancel()
        await asyncio.wait([working], timeout=10)
        assert working.cancelled()


async def test_a_migration_that_is_stopped_in_silence_stops(link: Link, half_way: Migrating) -> None:
    migrating = await half_way(postgres_at(link.port))
    link.silence()
    migrating.cancel()
    await asyncio.wait([migrating], timeout=10)
    assert migrating.cancelled()
