"""Real servers for tests: each test its own NATS and its own database, on free ports, in folders that go away."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from services.gateway.schema import MIGRATIONS as JOBS_MIGRATIONS
from services.gateway.schema import SCHEMA as JOBS
from shared.directory.directory import migrate_media
from shared.runtime.database import migrate
from tests.support.bytecode import keep_bytecode
from tests.support.choice import VARIABLE, Choice, NoContainers, choose, new_nats, new_postgres
from tests.support.databases import Databases, Migrate
from tests.support.folders import short_folder
from tests.support.pipeline import Pipeline, open_pipeline
from tests.support.processes import Processes
from tests.support.servers import NatsServer, PostgresServer

CHOICE = pytest.StashKey[Choice]()


async def migrate_jobs(url: str) -> None:
    """Bring the schema `jobs` up to date."""
    await migrate(url, JOBS, JOBS_MIGRATIONS)


keep_bytecode()

# A shell that starts us in the background has us ignore it, and every program that we start would do so, too.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What makes an empty database ours, in this order.
MIGRATIONS: tuple[Migrate, ...] = (migrate_jobs, migrate_media)


def pytest_configure(config: pytest.Config) -> None:
    """Choose once; the processes of pytest-xdist inherit what was chosen."""
    try:
        config.stash[CHOICE] = chosen = choose()
    except (NoContainers, ValueError) as error:
        raise pytest.UsageError(str(error)) from error
    os.environ[VARIABLE] = "containers" if chosen.containers else "embedded"


def pytest_report_header(config: pytest.Config) -> str:
    """Which servers the tests run on."""
    chosen = config.stash[CHOICE]
    kind = "the images of compose.yaml" if chosen.containers else "embedded servers"
    return f"official: on {kind} ({chosen.why}); all others on embedded servers"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test bears its folder's name as a mark; what kills servers runs one after another, for a machine's sake, and
    so do the years, which take as long as all of that."""
    for item in items:
        kind = item.path.relative_to(Path(__file__).parent).parts[0]
        item.add_marker(kind)
        if kind == "chaos":
            item.add_marker(pytest.mark.xdist_group("years" if item.path.stem.endswith("_year") else "chaos"))
        if kind == "containers":
            item.add_marker(pytest.mark.timeout(1800))  # the first of them makes the images


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder with a path short enough for sockets."""
    with short_folder() as path:
        yield path


@pytest.fixture
def in_containers(request: pytest.FixtureRequest) -> bool:
    """Whether the servers of this test are those of compose.yaml's images."""
    return request.config.stash[CHOICE].containers and request.node.get_closest_marker("official") is not None


@pytest.fixture
async def nats_server(folder: Path, in_containers: bool) -> AsyncIterator[NatsServer]:
    """A NATS server of the test's own: `url`, `kill()`, `pause()`, `resume()`, `restart()`."""
    async with new_nats(folder / "nats", contained=in_containers) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def databases() -> AsyncIterator[Databases]:
    """The embedded PostgreSQL server that all tests of this process share."""
    with short_folder() as path:
        async with new_postgres(path, contained=False) as server:
            yield await Databases.migrated(server, MIGRATIONS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def contained_databases() -> AsyncIterator[Databases]:
    """The PostgreSQL in a container that all tests of this process share which run on one."""
    with short_folder() as path:
        async with new_postgres(path, contained=True) as server:
            yield await Databases.migrated(server, MIGRATIONS)


@pytest.fixture
def shared_databases(request: pytest.FixtureRequest, in_containers: bool) -> Databases:
    """Those of the two that this test runs on; the others are not even started for it."""
    return cast(Databases, request.getfixturevalue("contained_databases" if in_containers else "databases"))


@pytest.fixture
async def postgres(shared_databases: Databases) -> AsyncIterator[str]:
    """The URL of a fresh, migrated database of the test's own."""
    async with shared_databases.fresh() as url:
        yield url


@pytest.fixture
async def postgres_server(folder: Path, in_containers: bool) -> AsyncIterator[PostgresServer]:
    """A PostgreSQL server of the test's own, for tests that hurt it; its database (`url`) is migrated."""
    async with new_postgres(folder / "postgres", contained=in_containers) as server:
        for apply in MIGRATIONS:
            await apply(server.url)
        yield server


@pytest.fixture
async def line(nats_server: NatsServer, postgres: str) -> AsyncIterator[Pipeline]:
    """Services in the test's own loop, on a NATS and a database of the test's own; none is started yet."""
    async with open_pipeline(nats_server.url, postgres) as opened:
        yield opened


@pytest.fixture
def processes(folder: Path) -> Iterator[Processes]:
    """Starts programs; all are ended when the test is over."""
    started = Processes(folder)
    yield started
    started.end_all()
