"""Real servers for tests: each test its own NATS and its own database, on free ports, in folders that go away."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.gateway.service import MIGRATIONS as JOBS_MIGRATIONS
from services.gateway.service import SCHEMA as JOBS
from shared.directory.directory import migrate_media
from shared.runtime.database import migrate
from tests.support.databases import Databases, Migrate
from tests.support.folders import short_folder
from tests.support.pipeline import Pipeline, open_pipeline
from tests.support.processes import Processes
from tests.support.servers import BreakableNats, BreakablePostgres


async def migrate_jobs(url: str) -> None:
    """Bring the schema `jobs` up to date."""
    await migrate(url, JOBS, JOBS_MIGRATIONS)


# Programs are started hundreds of times, and each compiles all that it imports where no bytecode is to be kept.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")

# What makes an empty database ours, in this order.
MIGRATIONS: tuple[Migrate, ...] = (migrate_jobs, migrate_media)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test bears its folder's name as a mark; what kills servers runs one after another, for a machine's sake."""
    for item in items:
        kind = item.path.relative_to(Path(__file__).parent).parts[0]
        item.add_marker(kind)
        if kind == "chaos":
            item.add_marker(pytest.mark.xdist_group("chaos"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder with a path short enough for sockets."""
    with short_folder() as path:
        yield path


@pytest.fixture
async def nats_server(folder: Path) -> AsyncIterator[BreakableNats]:
    """A NATS server of the test's own: `url`, `kill()`, `pause()`, `resume()`, `restart()`."""
    async with BreakableNats(folder / "nats") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def databases() -> AsyncIterator[Databases]:
    """The PostgreSQL server that all tests of this process share."""
    with short_folder() as path:
        async with BreakablePostgres(path) as server:
            yield await Databases.migrated(server, MIGRATIONS)


@pytest.fixture
async def postgres(databases: Databases) -> AsyncIterator[str]:
    """The URL of a fresh, migrated database of the test's own."""
    async with databases.fresh() as url:
        yield url


@pytest.fixture
async def postgres_server(folder: Path) -> AsyncIterator[BreakablePostgres]:
    """A PostgreSQL server of the test's own, for tests that hurt it; its database (`url`) is migrated."""
    async with BreakablePostgres(folder / "postgres") as server:
        for apply in MIGRATIONS:
            await apply(server.url)
        yield server


@pytest.fixture
async def line(nats_server: BreakableNats, postgres: str) -> AsyncIterator[Pipeline]:
    """Services in the test's own loop, on a NATS and a database of the test's own; none is started yet."""
    async with open_pipeline(nats_server.url, postgres) as opened:
        yield opened


@pytest.fixture
def processes(folder: Path) -> Iterator[Processes]:
    """Starts programs; all are ended when the test is over."""
    started = Processes(folder)
    yield started
    started.end_all()
