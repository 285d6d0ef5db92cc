"""A worker is killed in a run: another takes it over."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.contracts.reports import Finished
from tests.support.handlers import spec
from tests.support.pipeline import Pipeline
from tests.support.processes import Processes
from tests.support.programs import Programs
from tests.support.servers import BreakableNats

ACK_WAIT_S = 1.0


@pytest.fixture
def programs(processes: Processes, folder: Path, nats_server: BreakableNats, postgres: str) -> Programs:
    return Programs(processes, folder, nats_server.url, postgres)


async def test_a_run_whose_worker_is_killed_is_taken_over(line: Pipeline, programs: Programs) -> None:
    jobs = [spec("slow_sync")]
    await line.scheduler()
    await line.projector()
    first = programs.worker(jobs, ACK_WAIT_S)
    await line.known("slow_sync")
    run = await line.run("slow_sync")
    await line.in_state(run, "running")
    await first.kill()
    second = programs.worker(jobs, ACK_WAIT_S)
    await second.line("worker_ready")
    row = await line.ended(run, timeout=15)
    assert (row["outcome"], row["attempt"], row["number"]) == ("succeeded", 2, 1)
    ends = [report for report in await line.reports() if isinstance(report, Finished)]
    assert [(report.run, report.attempt) for report in ends] == [(run, 2)]


async def test_a_long_run_stays_with_its_worker(line: Pipeline, programs: Programs) -> None:
    """It takes longer than a silent worker is waited for, and two workers ask for work."""
    jobs = [spec("slow_sync")]
    await line.scheduler()
    await line.projector()
    for worker in [programs.worker(jobs, ACK_WAIT_S) for _ in range(2)]:
        await worker.line("worker_ready")
    await line.known("slow_sync")
    row = await line.ended(await line.run("slow_sync"), timeout=15)
    assert (row["outcome"], row["attempt"]) == ("succeeded", 1)


async def test_a_run_that_kills_every_worker_ends(line: Pipeline, programs: Programs) -> None:
    jobs = [spec("stuck_sync", attempts=2)]
    await line.scheduler()
    await line.projector()
    worker = programs.worker(jobs, ACK_WAIT_S)
    await line.known("stuck_sync")
    run = await line.run("stuck_sync")
    for attempt in (1, 2):
        await worker.line(f"stuck in {run} attempt {attempt}")
        await worker.kill()
        worker = programs.worker(jobs, ACK_WAIT_S)
    row = await line.ended(run, timeout=15)
    assert (row["outcome"], row["error"]["code"], row["attempt"]) == ("failed", "worker_lost", 2)


async def test_a_worker_that_is_told_to_stop_ends_its_run_first(line: Pipeline, programs: Programs) -> None:
    await line.scheduler()
    await line.projector()
    worker = programs.worker([spec("slow_sync")], ACK_WAIT_S)
    await line.known("slow_sync")
    run = await line.run("slow_sync")
    await line.in_state(run, "running")
    assert await worker.stop() == 0
    row = await line.ended(run)
    assert (row["outcome"], row["attempt"]) == ("succeeded", 1)
