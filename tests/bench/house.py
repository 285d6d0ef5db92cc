"""Showrunner as in production: both servers and each service a process of its own, in a folder that is then removed."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from services.cli.embedded.nats import EmbeddedNats
from services.cli.embedded.postgres import EmbeddedPostgres
from services.cli.embedded.servers import started
from tests.support.folders import short_folder
from tests.support.processes import Process, Processes
from tests.support.waiting import wait_until

from .machine import processor_seconds

# A run that does nothing holds its place until its report is on disk: a worker of short runs is given many places.
CONCURRENCY = 1000


class House:
    """The embedded servers with their durable defaults, and the services that were started beside them."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, nats: EmbeddedNats, processes: Processes) -> None:
        self.folder = folder
        self.postgres = postgres
        self.nats = nats
        self.processes = processes
        self.password = secrets.token_urlsafe(12)
        self.services: dict[str, Process] = {}

    def scheduler(self) -> Process:
        """Start the scheduler."""
        return self._start("scheduler", "services.cli", "scheduler")

    def recorded_scheduler(self) -> tuple[Process, Path]:
        """The same, and the file in which it notes how late each tick is; see `.scheduler`."""
        file = self.folder / "lateness"
        return self._start("scheduler", "tests.bench.scheduler", str(file)), file

    def worker(self, kind: str, count: int, concurrency: int = CONCURRENCY) -> Process:
        """Start a worker for `count` jobs that do nothing; `kind` as in `jobs`."""
        return self._start("worker", "tests.bench.worker", kind, str(count), str(concurrency))

    def worker_of(self, category: str) -> Process:
        """Start one of Showrunner's own workers."""
        return self._start(f"worker {category}", "services.cli", "worker", category)

    async def gateway(self) -> str:
        """Start the gateway; its address, once it answers."""
        gateway = self._start("gateway", "services.cli", "gateway")
        return (await gateway.line(r'"event":"listening","address":"([^"]+)"', 60))[1]

    async def stop(self, name: str) -> None:
        """Stop a service, cleanly."""
        await self.services.pop(name).stop(60)

    def processor_seconds(self) -> dict[str, float]:
        """By server and service, since each was started."""
        pids = {"nats": self.nats.pid, "postgres": self.postgres.pid}
        pids |= {name: service.pid for name, service in self.services.items()}
        return {name: processor_seconds([pid]) for name, pid in pids.items()}

    @asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """A connection of our own, to count with."""
        connection = await asyncpg.connect(self.postgres.url, server_settings={"search_path": "jobs"})
        try:
            yield connection
        finally:
            await connection.close()

    def _start(self, name: str, *arguments: str) -> Process:
        env = {
            "SHOWRUNNER_NATS_URL": self.nats.url,
            "SHOWRUNNER_DATABASE_URL": self.postgres.url,
            "SHOWRUNNER_KEY_FILE": str(self.folder / "key"),
            "SHOWRUNNER_ADMIN_PASSWORD": self.password,
            "SHOWRUNNER_PORT": "0",
            "SHOWRUNNER_LOG": "json",
        }
        service = self.services[name] = self.processes.python("-m", *arguments, env=env)
        return service


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """Both servers, running and empty. All that is started in it ends with it."""
    with short_folder(Path(tempfile.gettempdir())) as folder:
        postgres, nats = EmbeddedPostgres(folder / "postgres"), EmbeddedNats(folder / "nats")
        processes = Processes(folder)
        async with started(postgres, nats):
            try:
                yield House(folder, postgres, nats, processes)
            finally:
                processes.end_all()


async def finished_runs(database: asyncpg.Connection[asyncpg.Record]) -> int:
    """Runs that have started and finished, counted by Postgres."""
    query = "SELECT count(*) FROM run WHERE started_at IS NOT NULL AND finished_at IS NOT NULL"
    return int(await database.fetchval(query))


async def warmed_up(database: asyncpg.Connection[asyncpg.Record], runs: int, settle_s: float = 3.0) -> None:
    """Wait until so many runs have finished, and a little longer."""

    async def enough() -> bool:
        return await finished_runs(database) >= runs

    await wait_until(enough, 120, what=f"{runs} finished runs")
    await asyncio.sleep(settle_s)
