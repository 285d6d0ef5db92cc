"""A household's simulated servers, and a directory that knows them: what syncs and checks are tried on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from services.workers.access.jobs import jobs as access_jobs
from services.workers.clients.clients import Clients, open_clients
from services.workers.clients.rules import Manners
from services.workers.door import Handler, JobFailed, Result
from services.workers.maintenance.jobs import jobs as maintenance_jobs
from services.workers.sync.jobs import jobs as sync_jobs
from services.workers.tools import Tools, tools_over
from shared.directory.directory import SCHEMA, Directory
from shared.directory.records import NewServer, Server, Sighting
from shared.runtime.clock import utc_now
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault
from tests.simulators.household import Household, make_household
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.support.recorded import RecordedRun

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
HASTE = Manners(gap=0.0, patience=5.0, tries=2, first_pause=0.001, failures_to_cool=1000)
"""Against simulators nothing is gained by waiting."""
TABLES = ("server", "library", "person", "account", "observed_access")


@dataclass(frozen=True, kw_only=True)
class Town:
    """The servers outside, the directory inside, and the jobs between them. `now`: the time that it is for the jobs."""

    outside: Neighbourhood
    directory: Directory
    pool: asyncpg.Pool
    vault: Vault
    clients: Clients
    now: Callable[[], datetime] = utc_now

    @property
    def tools(self) -> Tools:
        """What the jobs work with; the zone is UTC."""
        return tools_over(self.pool, self.vault, self.clients, ZoneInfo("UTC"), self.now)

    async def settle(self) -> None:
        """Add every server of the neighbourhood to the directory."""
        for plex in self.outside.plex:
            await self.add("plex", plex.machine.server.name, plex.url, plex.owner_token)
        for jellyfin in self.outside.jellyfin:
            await self.add("jellyfin", jellyfin.state.server.name, jellyfin.url, jellyfin.state.api_key)

    async def add(self, kind: Any, name: str, url: str, token: str) -> Server:
        """Add a server that nobody has looked at yet."""
        new = NewServer(kind=kind, name=name, url=url, token=Secret(token))
        return await self.directory.add_server(new, Sighting(state="unknown"), AT)

    async def run(self, name: str, *, dry_run: bool = False, **params: Any) -> tuple[Result, RecordedRun]:
        """Run a job to its end. `params` may say as well what `RecordedRun` takes: `again`, `approves`, `undoes`."""
        run = RecordedRun(name, dry_run=dry_run, **params)
        return await self.handler(name)(run), run

    async def fail(self, name: str, **params: Any) -> tuple[JobFailed, RecordedRun]:
        """Run a job that is expected to fail."""
        run = RecordedRun(name, **params)
        try:
            result = await self.handler(name)(run)
        except JobFailed as failure:
            return failure, run
        raise AssertionError(f"{name} was expected to fail, and gave {result}")

    async def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, with the transaction that wrote it."""
        return {
            table: sorted(
                tuple(row.values())
                for row in await self.pool.fetch(f"SELECT {table}::text, xmin::text, ctid::text FROM {table}")
            )
            for table in TABLES
        }

    async def server(self, name: str) -> Server:
        """The server of this name."""
        return next(server for server in await self.directory.servers() if server.name == name)

    def handler(self, name: str) -> Handler:
        """What does a job's work."""
        every = (
            *sync_jobs(self.directory, self.clients),
            *maintenance_jobs(self.directory, self.clients),
            *access_jobs(self.tools),
        )
        return next(job.handler for job in every if job.spec.name == name)


@asynccontextmanager
async def town(
    url: str,
    folder: Path,
    *,
    household: Household | None = None,
    manners: Manners = HASTE,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Town]:
    """A household's servers, all in the directory, in the database at `url`."""
    async with (
        running(household or make_household()) as outside,
        open_pool(url, schema=SCHEMA) as pool,
        open_clients(plextv_url=outside.plextv.url, media_manners=manners, plextv_manners=manners) as clients,
    ):
        vault = Vault.from_file(folder / "key")
        directory = Directory(pool, vault)
        here = Town(outside=outside, directory=directory, pool=pool, vault=vault, clients=clients, now=now)
        await here.settle()
        yield here
