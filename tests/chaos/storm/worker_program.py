"""A worker of category `test` as a process, whose runs have effects: `python -m tests.chaos.storm.worker_program SINK`.

SINK is the address of the sink.
"""

from __future__ import annotations

import asyncio
import os
import sys

import aiohttp
import uvloop

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from services.workers.runtime.service import run
from services.workers.runtime.settings import WorkerSettings
from shared.messaging import connect
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.logs import configure_logs

from .load import effects, jobs

ACK_WAIT_S = 2.0
ANSWER_S = 5.0
STEP_S = 0.3


class Doer:
    """Does what its run is to do, one effect after another, each under its key; whoever does it again does no harm."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def __call__(self, run: RunContext) -> Result:
        if run.job.startswith("flaky") and run.attempt == 1:
            raise JobFailed("not_yet", "It works the second time.")
        keys = effects(run.job, run.id)
        for number, key in enumerate(keys, 1):
            await self._do(key)
            if len(keys) > 1:
                run.log(f"step {number}")
                run.progress(number / len(keys), f"step {number}")
                await asyncio.sleep(STEP_S)
        return succeeded(f"{len(keys)} effects")

    async def _do(self, key: str) -> None:
        try:
            async with self._http.put(f"/effects/{key}") as answer:
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise JobFailed("no_answer", f"Whether {key} is done is not known: {type(error).__name__}.") from error


async def main(sink: str) -> None:
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    async with (
        connect(os.environ["SHOWRUNNER_NATS_URL"], "worker-test") as bus,
        aiohttp.ClientSession(sink, timeout=timeout) as http,
    ):
        doer = Doer(http)
        settings = WorkerSettings(ack_wait_s=ACK_WAIT_S, drain_s=5)
        await run_until_stopped({"worker": run(bus, [Job(spec, doer) for spec in jobs()], settings)})


if __name__ == "__main__":
    configure_logs("console", "info", "worker-test")
    uvloop.run(main(sys.argv[1]))
