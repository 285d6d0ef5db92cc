"""Our own workers, by category: what each needs, and the jobs that it brings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from services.workers.access.jobs import jobs as access_jobs
from services.workers.clients.clients import open_clients
from services.workers.door import Job
from services.workers.mail.jobs import jobs as mail_jobs
from services.workers.maintenance.backups_jobs import backup_jobs
from services.workers.maintenance.jobs import jobs as maintenance_jobs
from services.workers.sync.jobs import jobs as sync_jobs
from services.workers.tools import Tools, tools_over
from shared.backups.backups import Backups
from shared.directory.directory import SCHEMA
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault

from .wiring import Wiring

JobList = Callable[[Tools, Backups], tuple[Job, ...]]

CATEGORIES: dict[str, JobList] = {
    "sync": lambda tools, _: sync_jobs(tools.directory, tools.clients),
    "access": lambda tools, _: access_jobs(tools),
    "mail": lambda tools, _: mail_jobs(tools),
    "maintenance": lambda tools, backups: (
        *maintenance_jobs(tools.directory, tools.clients),
        *backup_jobs(backups, tools.preferences),
    ),
}


@asynccontextmanager
async def jobs_of(category: str, wiring: Wiring) -> AsyncIterator[tuple[Job, ...]]:
    """The jobs of a category, bound to what they work with until the block ends."""
    vault = Vault.from_file(wiring.key_file)
    zone = ZoneInfo(wiring.settings.timezone)
    async with (
        open_pool(wiring.database_url.reveal(), schema=SCHEMA, min_size=0, max_size=4) as pool,
        open_clients(plextv_url=wiring.settings.plex_tv_url) as clients,
    ):
        yield CATEGORIES[category](tools_over(pool, vault, clients, zone), wiring.backups(vault))
