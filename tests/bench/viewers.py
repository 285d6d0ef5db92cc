"""The process whose plan of a sync of user data is measured: one rehearsal, with the pace that servers are asked at."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import uvloop
from msgspec import Struct

from services.workers.clients.clients import open_clients
from services.workers.shokofin.userdata.jobs import user_data_jobs
from services.workers.tools import tools_over
from shared.directory.directory import SCHEMA
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault
from tests.support.recorded import RecordedRun

from .machine import peak_mb

JOB = "sync_user_data"


class Compared(Struct, frozen=True, kw_only=True):
    """How long the plan took, and of the processor; what it said, and the most memory that the process had."""

    seconds: float
    processor_s: float
    summary: str
    peak_mb: float


async def main() -> None:
    """Plan once, and write what was measured."""
    vault = Vault.from_file(Path(os.environ["SHOWRUNNER_KEY_FILE"]))
    async with (
        open_pool(os.environ["SHOWRUNNER_DATABASE_URL"], schema=SCHEMA, min_size=0, max_size=4) as pool,
        open_clients() as clients,
    ):
        tools = tools_over(pool, vault, clients, ZoneInfo("UTC"))
        handler = next(job.handler for job in user_data_jobs(tools) if job.spec.name == JOB)
        began, used = time.perf_counter(), time.process_time()
        result = await handler(RecordedRun(JOB, dry_run=True))
        seconds, processor_s = time.perf_counter() - began, time.process_time() - used
    compared = Compared(seconds=seconds, processor_s=processor_s, summary=result.summary, peak_mb=peak_mb(os.getpid()))
    sys.stdout.write(f"compared {msgspec.json.encode(compared).decode()}\n")


if __name__ == "__main__":
    uvloop.run(main())
