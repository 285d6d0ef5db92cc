"""Migrations on a real database: in order, once, by whoever comes first; and the pool that waits for its server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from shared.directory.directory import SCHEMA, migrate_media
from shared.runtime.database import BadMigrations, migrate, open_pool
from tests.support.servers import PostgresServer

pytestmark = pytest.mark.official

FIRST, SECOND = "CREATE TABLE thing (name text);", "INSERT INTO thing VALUES ('one');"


@pytest.fixture
def steps(folder: Path) -> Path:
    """A folder with two migrations."""
    made = folder / "migrations"
    made.mkdir()
    (made / "0001_thing.sql").write_text(FIRST)
    (made / "0002_one.sql").write_text(SECOND)
    return made


async def things(url: str) -> int:
    async with open_pool(url, schema="attic") as pool:
        return int(await pool.fetchval("SELECT count(*) FROM thing"))


async def test_several_processes_at_once_apply_each_step_once(postgres: str, steps: Path) -> None:
    await asyncio.gather(*(migrate(postgres, "attic", steps) for _ in range(5)))
    await migrate(postgres, "attic", steps)
    assert await things(postgres) == 1
    async with open_pool(postgres, schema="attic") as pool:
        assert [row["number"] for row in await pool.fetch("SELECT number FROM migration ORDER BY number")] == [1, 2]


async def test_a_new_step_is_applied_alone(postgres: str, steps: Path) -> None:
    await migrate(postgres, "attic", steps)
    (steps / "0003_two.sql").write_text("INSERT INTO thing VALUES ('two');")
    await migrate(postgres, "attic", steps)
    assert await things(postgres) == 2


async def test_a_step_that_fails_leaves_nothing_of_itself(postgres: str, steps: Path) -> None:
    (steps / "0003_wrong.sql").write_text("INSERT INTO thing VALUES ('two'); SELECT nonsense;")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(postgres, "attic", steps)
    assert await things(postgres) == 1
    (steps / "0003_wrong.sql").write_text("INSERT INTO thing VALUES ('two');")
    await migrate(postgres, "attic", steps)
    assert await things(postgres) == 2


async def test_an_applied_step_that_was_altered_is_refused(postgres: str, steps: Path) -> None:
    await migrate(postgres, "attic", steps)
    (steps / "0001_thing.sql").write_text(FIRST + "-- harmless, one would think")
    with pytest.raises(BadMigrations, match=r"0001 \(thing\).*put its file back"):
        await migrate(postgres, "attic", steps)


async def test_a_database_that_is_newer_is_refused(postgres: str, steps: Path) -> None:
    await migrate(postgres, "attic", steps)
    (steps / "0002_one.sql").unlink()
    with pytest.raises(BadMigrations, match="at migration 2, this program knows 1 only"):
        await migrate(postgres, "attic", steps)


@pytest.mark.parametrize(
    ("name", "words"), [("0004_late.sql", "count up from 1"), ("three.sql", "no name for a migration")]
)
async def test_files_that_are_out_of_order_are_refused(postgres: str, steps: Path, name: str, words: str) -> None:
    (steps / name).write_text("SELECT 1")
    with pytest.raises(BadMigrations, match=words):
        await migrate(postgres, "attic", steps)


async def test_schemas_keep_apart_and_jsonb_is_plain(postgres: str, steps: Path) -> None:
    await migrate(postgres, "attic", steps)
    await migrate_media(postgres)
    async with open_pool(postgres, schema=SCHEMA) as pool:
        with pytest.raises(asyncpg.UndefinedTableError):
            await pool.fetch("SELECT * FROM thing")
        value = {"a": [1, None, "ü"]}
        assert await pool.fetchval("SELECT $1::jsonb", value) == value
        assert await pool.fetchval("SELECT $1::jsonb ->> 'a'", value) == '[1, null, "ü"]'


async def test_the_pool_waits_for_its_server(postgres_server: PostgresServer) -> None:
    await postgres_server.kill()

    async def answer() -> int:
        async with open_pool(postgres_server.url, schema="public") as pool:
            return int(await pool.fetchval("SELECT 1"))

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(answer())
        group.create_task(postgres_server.restart())
    assert waiting.result() == 1


async def test_a_database_that_does_not_exist_is_not_waited_for(postgres: str) -> None:
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        async with open_pool(postgres.replace("/test_", "/no_test_"), schema="public"):
            pass
