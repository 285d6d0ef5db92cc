"""PostgreSQL goes away just while a service starts: it waits, and begins again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from shared.runtime.database import migrate, open_pool
from shared.runtime.database_grants import grant
from tests.chaos.storm.links import Ends, Link, unix
from tests.support.servers import BreakablePostgres
from tests.support.waiting import wait_until


async def waits_for_a_lock(watching: asyncpg.Connection[asyncpg.Record]) -> bool:
    return bool(await watching.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"))


async def test_in_the_midst_of_a_migration(folder: Path, postgres_server: BreakablePostgres) -> None:
    steps = folder / "migrations"
    steps.mkdir()
    (steps / "0001_thing.sql").write_text("CREATE TABLE thing (); SELECT pg_advisory_lock(1);")
    holding = await asyncpg.connect(postgres_server.url)
    await holding.execute("SELECT pg_advisory_lock(1)")
    migrating = asyncio.ensure_future(migrate(postgres_server.url, "attic", steps))
    await wait_until(lambda: waits_for_a_lock(holding), what="a migration half-way")
    await postgres_server.kill()
    await postgres_server.restart()
    await asyncio.wait_for(migrating, 20)
    async with open_pool(postgres_server.url, schema="attic") as pool:
        assert await pool.fetchval("SELECT count(*) FROM migration") == 1


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_between_two_connections(postgres_server: BreakablePostgres, lost: int) -> None:
    place = parse_qs(urlsplit(postgres_server.url).query)
    server = unix(f"{place['host'][0]}/.s.PGSQL.{place['port'][0]}")
    came = 0

    async def now_and_then() -> Ends:
        nonlocal came
        came += 1
        if came == lost:
            raise ConnectionRefusedError
        return await server()

    link = Link(now_and_then)
    async with link.listening():
        url = f"postgresql://showrunner@127.0.0.1:{link.port}/showrunner"
        await grant(url)
        async with open_pool(url, schema="public") as pool:
            assert await pool.fetchval("SELECT 1") == 1
    assert came > 3, "as many as it takes, and the one that was lost"
