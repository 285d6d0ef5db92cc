"""A worker of category `test` as a process, whose jobs must not meet: `python -m tests.support.lonely_program JOURNAL`.

Its jobs are `tidy_0` and `tidy_1`; each takes steps for some seconds, all of them alone with the same resource.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import uvloop

from services.workers.door import Job
from services.workers.runtime.service import run
from services.workers.runtime.settings import WorkerSettings
from shared.messaging import connect
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.logs import configure_logs
from tests.support.handlers import OFTEN_MS, spec
from tests.support.lonely import Lonely

JOBS = ("tidy_0", "tidy_1")
STEPS = 40
ACK_WAIT_S = 1.0


async def main(journal: Path) -> None:
    # A suspended worker has asked for work: what is delivered to it meanwhile counts as tried.
    jobs = [Job(spec(name, attempts=100), Lonely(journal, steps=STEPS)) for name in JOBS]
    settings = WorkerSettings(ack_wait_s=ACK_WAIT_S, drain_s=0, least_interval_ms=OFTEN_MS)
    async with connect(os.environ["SHOWRUNNER_NATS_URL"], "worker-test") as bus:
        await run_until_stopped({"worker": run(bus, jobs, settings)})


if __name__ == "__main__":
    configure_logs("console", "info", "worker-test")
    uvloop.run(main(Path(sys.argv[1])))
