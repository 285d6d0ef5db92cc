"""A restore that is killed on its way: what was there stands, or what was restored, and always whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.cli.embedded.postgres import NAME, SUPERUSER
from shared.runtime.secrets import Vault
from tests.support.backups import all_rows, backups_of, execute
from tests.support.gateways import house
from tests.support.processes import Process, Processes
from tests.support.servers import NatsServer, PostgresServer
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.official, pytest.mark.slow]

THEN = """
    INSERT INTO jobs.audit (at, who, address, action, target) SELECT now(), 'kim', '', 'then', n::text
        FROM generate_series(1, 5000) n;
    INSERT INTO media.person (name) VALUES ('then')
"""
SINCE = "UPDATE jobs.audit SET action = 'since'; INSERT INTO media.person (name) VALUES ('since')"
BESIDE = "SELECT count(*) FROM pg_database WHERE starts_with(datname, 'showrunner_scratch_')"
HELD_UP = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'showrunner backup' AND wait_event_type = 'Lock'"
)
AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'showrunner backup'"


class Restoring:
    """A database, a backup of what it held before, and a program that is to put that back."""

    def __init__(self, server: PostgresServer, folder: Path, processes: Processes) -> None:
        self.server = server
        self.folder = folder
        self._processes = processes
        self.name = ""
        self.then: dict[str, list[str]] = {}
        self.since: dict[str, list[str]] = {}

    async def prepare(self) -> None:
        url = self.server.url
        await execute(url, THEN)
        backups = backups_of(url, self.folder / "backups", Vault.from_file(self.folder / "key"))
        self.name = (await backups.make("by_hand")).name
        self.then = await all_rows(url)
        await execute(url, SINCE)
        self.since = await all_rows(url)

    def start(self) -> Process:
        environment = {"SHOWRUNNER_DATABASE_URL": self.server.url, "SHOWRUNNER_KEY_FILE": str(self.folder / "key")}
        return self._processes.python("-m", "services.cli", "restore", self.name, "--yes", env=environment)

    async def asked(self, question: str) -> Any:
        """One value, as the superuser sees it."""
        connection = await asyncpg.connect(self.server.url_for(NAME, user=SUPERUSER))
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    async def until(self, question: str, *, some: bool = True) -> None:
        async def so() -> bool:
            return bool(await self.asked(question)) is some

        await wait_until(so, 60, what=f"{question!r} to count {'some' if some else 'none'}")

    @asynccontextmanager
    async def barred(self) -> AsyncIterator[None]:
        """While somebody reads a table, the exchange waits at its last step: to do away with the former tables."""
        reader = await asyncpg.connect(self.server.url_for(NAME, user=SUPERUSER))
        try:
            await reader.execute("BEGIN; SELECT count(*) FROM jobs.audit")
            yield
        finally:
            reader.terminate()


@pytest.fixture
async def restoring(postgres_server: PostgresServer, folder: Path, processes: Processes) -> Restoring:
    made = Restoring(postgres_server, folder, processes)
    await made.prepare()
    return made


async def tried(restoring: Restoring) -> None:
    """Killed while the backup is tried in a database of its own."""
    program = restoring.start()
    await restoring.until(BESIDE)
    program.end_group()


async def exchanged(restoring: Restoring) -> None:
    """Killed with all that it started, when everything but the end of the exchange is done."""
    async with restoring.barred():
        program = restoring.start()
        await restoring.until(HELD_UP)
        program.end_group()


async def without_server(restoring: Restoring) -> None:
    """The database server is killed then."""
    async with restoring.barred():
        program = restoring.start()
        await restoring.until(HELD_UP)
        await restoring.server.kill()
    assert await program.ended() != 0
    await restoring.server.restart()


@pytest.mark.parametrize("kill", [tried, exchanged, without_server])
async def test_what_was_there_stands_whole_and_everything_starts(
    restoring: Restoring, nats_server: NatsServer, kill: Callable[[Restoring], Awaitable[None]]
) -> None:
    await kill(restoring)
    await restoring.until(AT_WORK, some=False)
    assert await all_rows(restoring.server.url) == restoring.since
    await goes_on(restoring, nats_server, restoring.name)


async def test_what_was_restored_stands_whole_though_nobody_was_there_to_tell(
    restoring: Restoring, nats_server: NatsServer
) -> None:
    """The program is killed, but not PostgreSQL's own, which it had started last."""
    async with restoring.barred():
        program = restoring.start()
        await restoring.until(HELD_UP)
        await program.kill()
    await restoring.until(AT_WORK, some=False)
    assert await all_rows(restoring.server.url) == restoring.then
    await goes_on(restoring, nats_server, restoring.name)


async def goes_on(restoring: Restoring, nats: NatsServer, name: str) -> None:
    """A gateway starts on it, and restores, and nothing of the former try is left."""
    async with house(nats.url, restoring.server.url, restoring.folder) as home:
        person, _ = await home.gateway()
        await person.log_in()
        status, restored = await person.post(f"/api/backups/{name}/restore", confirm=name)
        assert status == 200, restored
    rows = await all_rows(restoring.server.url)
    assert rows["media.person"] == restoring.then["media.person"]
    assert set(restoring.then["jobs.audit"]) <= set(rows["jobs.audit"])
    assert await restoring.asked(BESIDE) == 0
