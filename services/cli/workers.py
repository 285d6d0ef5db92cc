"""Our own workers, by category: what each needs, and the jobs that it brings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from services.workers.clients.clients import Clients, open_clients
from services.workers.door import Job
from services.workers.maintenance.jobs import jobs as maintenance_jobs
from services.workers.sync.jobs import jobs as sync_jobs
from shared.directory.directory import SCHEMA, Directory
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault

from .wiring import Wiring

JobList = Callable[[Directory, Clients], tuple[Job, ...]]

CATEGORIES: dict[str, JobList] = {
    "sync": sync_jobs,
    "maintenance": maintenance_jobs,
}


@asynccontextmanager
async def jobs_of(category: str, wiring: Wiring) -> AsyncIterator[tuple[Job, ...]]:
    """The jobs of a category, bound to what they work on until the block ends."""
    vault = Vault.from_file(wiring.key_file)
    async with (
        open_pool(wiring.database_url.reveal(), schema=SCHEMA, min_size=0, max_size=4) as pool,
        open_clients(plextv_url=wiring.settings.plex_tv_url) as clients,
    ):
        yield CATEGORIES[category](Directory(pool, vault), clients)
