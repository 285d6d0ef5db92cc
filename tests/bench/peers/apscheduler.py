"""APScheduler 3 with its memory store: nothing is durable, a slot is a call in the same process.

As a process: `python -m tests.bench.peers.apscheduler JOBS SECONDS`, which prints what it measured as JSON.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from ..jobs import LONGEST_MIXED_S
from ..machine import memory_mb
from ..readings import percentile


class Measured(Struct, frozen=True, kw_only=True):
    """Lateness from slot to call; time to take in all jobs; memory (PSS). All None when it is not installed."""

    p99_ms: float | None = None
    start_s: float | None = None
    memory_mb: float | None = None


async def lateness(jobs: int, window_s: float) -> Measured:
    """Measure in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(jobs), str(window_s), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return msgspec.json.decode(output, type=Measured)


async def _measured(jobs: int, window_s: float) -> Measured:
    try:
        from apscheduler.executors.base import BaseExecutor
        from apscheduler.schedulers.asyncio import AsyncIOScheduler
    except ImportError:
        return Measured()
    import os

    late: list[float] = []

    class Noting(BaseExecutor):  # type: ignore[misc]
        """Runs nothing: notes how late the call is."""

        def _do_submit_job(self, job: object, run_times: list[datetime]) -> None:
            now = time.time()
            late.extend((now - moment.timestamp()) * 1000 for moment in run_times)
            self._run_job_success(job.id, [])  # type: ignore[attr-defined]

    scheduler = AsyncIOScheduler(executors={"default": Noting()}, timezone=UTC)
    first = datetime.now(UTC) + timedelta(seconds=2 + jobs / 3000)
    began = time.monotonic()
    for number in range(jobs):
        seconds = number % LONGEST_MIXED_S + 1
        start = first + timedelta(milliseconds=number * seconds * 1000 // jobs)
        scheduler.add_job(int, "interval", seconds=seconds, start_date=start, misfire_grace_time=None)
    scheduler.start()
    start_s = time.monotonic() - began
    await asyncio.sleep(max(0.0, (first - datetime.now(UTC)).total_seconds()) + 2)
    late.clear()
    await asyncio.sleep(window_s)
    p99 = percentile(late, 0.99) if late else None
    return Measured(p99_ms=p99, start_s=start_s, memory_mb=memory_mb(os.getpid()))


if __name__ == "__main__":
    measured = asyncio.run(_measured(int(sys.argv[1]), float(sys.argv[2])))
    sys.stdout.buffer.write(msgspec.json.encode(measured))
