"""A worker with the jobs of Shokofin as a process: `python -m tests.support.anime_program DATABASE KEY`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import uvloop

from services.workers.clients.clients import open_clients
from services.workers.runtime.service import run
from services.workers.runtime.settings import WorkerSettings
from services.workers.shokofin.jobs import jobs
from services.workers.tools import tools_over
from shared.directory.directory import SCHEMA
from shared.messaging import connect
from shared.runtime.database import open_pool
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.logs import configure_logs
from shared.runtime.secrets import Vault
from tests.support.shoko import HASTE, IN_HASTE

ACK_WAIT_S = 1.0


async def main(database: str, key: Path) -> None:
    async with (
        connect(os.environ["SHOWRUNNER_NATS_URL"], "worker-maintenance") as bus,
        open_pool(database, schema=SCHEMA) as pool,
        open_clients(media_manners=HASTE, plextv_manners=HASTE, shoko_manners=IN_HASTE) as clients,
    ):
        tools = tools_over(pool, Vault.from_file(key), clients, ZoneInfo("UTC"))
        settings = WorkerSettings(ack_wait_s=ACK_WAIT_S, drain_s=0)
        await run_until_stopped({"worker": run(bus, jobs(tools), settings)})


if __name__ == "__main__":
    configure_logs("console", "info", "worker-maintenance")
    uvloop.run(main(sys.argv[1], Path(sys.argv[2])))
