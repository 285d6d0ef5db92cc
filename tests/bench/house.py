"""Showrunner as in production: both servers and every service a process of its own, in a folder that is gone afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.embedded.nats import EmbeddedNats
from services.cli.embedded.postgres import EmbeddedPostgres
from services.cli.embedded.servers import started
from shared.runtime.database import migrate
from tests.support.folders import short_folder
from tests.support.processes import CHECKOUT, Process, Processes

from .machine import processor_seconds


class House:
    """The embedded servers with their durable defaults, and the services that were started beside them."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, nats: EmbeddedNats, processes: Processes) -> None:
        self.folder = folder
        self.postgres = postgres
        self.nats = nats
        self.services: dict[str, Process] = {}
        self._processes = processes

    def start(self, part: str, **settings: object) -> Process:
        """Start one service; `settings` become SHOWRUNNER_BENCH_*."""
        env = {
            "SHOWRUNNER_NATS_URL": self.nats.url,
            "SHOWRUNNER_DATABASE_URL": self.postgres.url,
            **{f"SHOWRUNNER_BENCH_{name.upper()}": str(value) for name, value in settings.items()},
        }
        service = self.services[part] = self._processes.python("-m", "tests.bench.part", part, env=env)
        return service

    def processor_seconds(self) -> dict[str, float]:
        """By server and service, since each was started."""
        pids = {"nats": self.nats.pid, "postgres": self.postgres.pid}
        pids |= {name: service.pid for name, service in self.services.items()}
        return {name: processor_seconds([pid]) for name, pid in pids.items()}


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """Both servers, running and migrated. All that was started in it ends with it."""
    with short_folder() as folder:
        postgres, nats = EmbeddedPostgres(folder / "postgres"), EmbeddedNats(folder / "nats")
        processes = Processes(folder)
        async with started(postgres, nats):
            await migrate(postgres.url, "jobs", CHECKOUT / "services/gateway/migrations")
            try:
                yield House(folder, postgres, nats, processes)
            finally:
                processes.end_all()


def spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Processor seconds between two readings."""
    return {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}


def told(seconds: dict[str, float], per: float) -> str:
    """Processor seconds divided by `per`, by process, for a note."""
    return ", ".join(f"{name} {value / per:.3f}" for name, value in seconds.items())


def pids(services: Iterable[Process]) -> list[int]:
    return [service.pid for service in services]
