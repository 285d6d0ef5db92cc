"""A worker of category `test` as a process: `python -m tests.support.worker_program SPECS ACK_WAIT_S`.

SPECS is a file with a JSON list of specs. A job's name says what its handler does: `quick_...` ends at once, `slow_...`
takes seconds, `flaky_...` fails at its first attempt, `stuck_...` never ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import uvloop

from services.workers.door import Handler, Job, JobFailed, Result, RunContext, succeeded
from services.workers.runtime.service import run
from services.workers.runtime.settings import WorkerSettings
from shared.contracts.specs import Spec
from shared.messaging import Retention, connect, declare
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.logs import configure_logs
from tests.support.handlers import OFTEN_MS

SLOW_STEPS, STEP_S = 10, 0.25


async def quick(run: RunContext) -> Result:
    return succeeded()


async def slow(run: RunContext) -> Result:
    for step in range(SLOW_STEPS):
        run.progress(step / SLOW_STEPS, f"step {step}")
        run.log(f"step {step}")
        await asyncio.sleep(STEP_S)
    return succeeded(f"{SLOW_STEPS} steps")


async def flaky(run: RunContext) -> Result:
    if run.attempt == 1:
        raise JobFailed("not_yet", "It works the second time.")
    return succeeded("the second time")


async def stuck(run: RunContext) -> Result:
    print(f"stuck in {run.id} attempt {run.attempt}", flush=True)
    await asyncio.Event().wait()
    return succeeded()


HANDLERS: dict[str, Handler] = {"quick": quick, "slow": slow, "flaky": flaky, "stuck": stuck}


async def main(specs: list[Spec], ack_wait_s: float) -> None:
    jobs = [Job(spec, HANDLERS[spec.name.partition("_")[0]]) for spec in specs]
    settings = WorkerSettings(ack_wait_s=ack_wait_s, drain_s=5, least_interval_ms=OFTEN_MS)
    async with connect(os.environ["SHOWRUNNER_NATS_URL"], "worker-test") as bus:
        await declare(bus, Retention(replicas=int(os.environ["SHOWRUNNER_REPLICAS"])))
        await run_until_stopped({"worker": run(bus, jobs, settings)})


if __name__ == "__main__":
    configure_logs("console", "info", "worker-test")
    uvloop.run(main(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=list[Spec]), float(sys.argv[2])))
