"""Our own workers, by category: the jobs that each brings, and what it needs to run them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from services.workers.access.jobs import jobs as access_jobs
from services.workers.clients.clients import manners_for_shoko, open_clients
from services.workers.door import Job
from services.workers.mail.jobs import jobs as mail_jobs
from services.workers.maintenance.backups_jobs import backup_jobs
from services.workers.maintenance.housekeeping_jobs import housekeeping_jobs
from services.workers.maintenance.jobs import jobs as maintenance_jobs
from services.workers.runtime import service as worker
from services.workers.runtime.entering import QuietBook
from services.workers.shokofin.jobs import jobs as shokofin_jobs
from services.workers.sync.jobs import jobs as sync_jobs
from services.workers.tools import Tools, tools_over
from services.workers.watching import service as watching
from shared.backups.backups import Backups
from shared.directory.directory import SCHEMA
from shared.messaging import Bus
from shared.runtime.database import open_pool
from shared.runtime.telemetry import Telemetry

from .wiring import Wiring

JobList = Callable[[Tools, Backups], tuple[Job, ...]]

CATEGORIES: dict[str, JobList] = {
    "sync": lambda tools, _: sync_jobs(tools.directory, tools.clients),
    "access": lambda tools, _: access_jobs(tools),
    "mail": lambda tools, _: mail_jobs(tools),
    "maintenance": lambda tools, backups: (
        *maintenance_jobs(tools.directory, tools.clients),
        *backup_jobs(backups, tools.preferences, tools.zone),
        *housekeeping_jobs(tools),
        *shokofin_jobs(tools),
    ),
}


WATCHING = "maintenance"
"""The category in whose process the media servers are watched."""


async def work(bus: Bus, category: str, wiring: Wiring, telemetry: Telemetry) -> None:
    """Run a worker of this category, and what belongs beside it, until cancelled. Its requests are counted."""
    vault = wiring.vault
    zone = ZoneInfo(wiring.settings.timezone)
    async with (
        open_pool(wiring.database_url.reveal(), schema=SCHEMA, min_size=0, max_size=4) as pool,
        open_clients(
            plextv_url=wiring.settings.plex_tv_url,
            shoko_manners=manners_for_shoko(reads=wiring.settings.shoko_reads, writes=wiring.settings.shoko_writes),
            meter=telemetry.meter,
        ) as clients,
        asyncio.TaskGroup() as group,
    ):
        tools = tools_over(pool, vault, clients, zone, meter=telemetry.meter)
        jobs = CATEGORIES[category](tools, wiring.backups(vault))
        book = QuietBook(read=tools.preferences.quiet, zone=zone)
        watch = group.create_task(watching.run(bus, tools.directory, clients)) if category == WATCHING else None
        try:
            await worker.run(bus, jobs, wiring.worker, book, telemetry)
        finally:
            # Runs that end after the stop began still want to know what goes on outside.
            if watch is not None:
                watch.cancel()
