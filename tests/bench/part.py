"""One service of Showrunner as a process of its own: `python -m tests.bench.part scheduler | worker | projector`.

The worker's jobs do nothing: `SHOWRUNNER_BENCH_JOBS` says how many, each every `SHOWRUNNER_BENCH_EVERY_MS`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import uvloop

from services.gateway.projector.loop import project
from services.scheduler import service as scheduler
from services.workers.door import Job, Result, RunContext, succeeded
from services.workers.runtime import service as worker
from shared.contracts.specs import Interval, Spec
from shared.messaging import Bus, Retention, connect, declare
from shared.runtime.database import open_pool
from shared.runtime.logs import configure_logs

CATEGORY = "bench"


def job_name(number: int) -> str:
    return f"bench_{number:06}"


def specs(count: int, every_ms: int) -> list[Spec]:
    """`count` jobs whose slots are spread evenly over the interval."""
    return [
        Spec(
            name=job_name(number),
            title=f"Job {number}",
            description="Does nothing.",
            category=CATEGORY,
            schedule=Interval(every_ms=every_ms, anchor_ms=number * every_ms // count),
            min_interval_ms=1,
        )
        for number in range(count)
    ]


async def nothing(run: RunContext) -> Result:
    return succeeded()


async def _work(bus: Bus) -> None:
    jobs = specs(int(os.environ["SHOWRUNNER_BENCH_JOBS"]), int(os.environ["SHOWRUNNER_BENCH_EVERY_MS"]))
    settings = worker.WorkerSettings(concurrency=int(os.environ["SHOWRUNNER_BENCH_CONCURRENCY"]))
    await worker.run(bus, [Job(spec, nothing) for spec in jobs], settings)


async def _run(part: str) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with connect(os.environ["SHOWRUNNER_NATS_URL"], part) as bus:
        await declare(bus, Retention())
        if part == "scheduler":
            await scheduler.run(bus, scheduler.SchedulerSettings())
        elif part == "worker":
            await _work(bus)
        else:
            async with open_pool(os.environ["SHOWRUNNER_DATABASE_URL"], schema="jobs") as pool:
                await project(bus, pool)


if __name__ == "__main__":
    configure_logs("json", "info", sys.argv[1])
    uvloop.run(_run(sys.argv[1]))
