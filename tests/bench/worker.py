"""A worker whose jobs do nothing, as a process of its own: `python -m tests.bench.worker KIND COUNT CONCURRENCY`."""

from __future__ import annotations

import os
import sys

import uvloop

from services.workers.runtime import service as worker
from services.workers.runtime.settings import WorkerSettings
from shared.messaging import connect
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.logs import configure_logs

from .jobs import jobs


async def main(kind: str, count: int, concurrency: int) -> None:
    async with connect(os.environ["SHOWRUNNER_NATS_URL"], "worker-bench") as bus:
        settings = WorkerSettings(concurrency=concurrency)
        await run_until_stopped({"worker-bench": worker.run(bus, jobs(kind, count), settings)})


if __name__ == "__main__":
    configure_logs("json", "info", "worker-bench")
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
