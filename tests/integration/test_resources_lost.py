"""A worker that holds something is killed, suspended or cut off: another has it soon, and the former is harmless."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from services.workers.door import Job, ResourceBusy, Result, RunContext, succeeded
from shared.contracts import subjects
from shared.messaging import Retention, declare
from shared.messaging.buckets import force
from tests.support.handlers import spec
from tests.support.lonely import ATTIC, lines, met
from tests.support.pipeline import Pipeline
from tests.support.processes import Process, Processes
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

HOLD_MS = 2_000


class Workers:
    """Workers as processes, beside the scheduler and the projector of the test."""

    def __init__(self, processes: Processes, nats_url: str, journal: Path) -> None:
        self._processes = processes
        self._env = {"SHOWRUNNER_NATS_URL": nats_url}
        self.journal = journal

    async def one_more(self) -> Process:
        worker = self._processes.python("-m", "tests.support.lonely_program", str(self.journal), env=self._env)
        await worker.line("worker_ready")
        return worker

    async def wrote(self, what: str) -> None:
        await wait_until(lambda: what in lines(self.journal), 20, what=f"{what} in the journal")


@pytest.fixture
async def workers(line: Pipeline, processes: Processes, folder: Path, nats_server: BreakableNats) -> Workers:
    await declare(line.bus, Retention(hold_ms=HOLD_MS))
    await line.scheduler()
    await line.projector()
    return Workers(processes, nats_server.url, folder / "journal")


async def test_what_a_killed_worker_held_is_free_when_its_time_is_up(line: Pipeline, workers: Workers) -> None:
    first = await workers.one_more()
    await line.known("tidy_1")
    killed = await line.run("tidy_0")
    await workers.wrote(f"step {killed}.1")
    await workers.one_more()
    waiting = await line.run("tidy_1")
    await first.kill()
    for run in (waiting, killed):
        assert (await line.ended(run, timeout=30))["outcome"] == "succeeded"
    assert met(workers.journal, gone=f"{killed}.1") == []


async def test_a_suspended_worker_finds_that_it_has_lost_what_it_held(line: Pipeline, workers: Workers) -> None:
    """It slept through its time, another worked meanwhile; it does not take one step more."""
    first = await workers.one_more()
    await line.known("tidy_1")
    slept = await line.run("tidy_0")
    await workers.wrote(f"step {slept}.1")
    first.pause()
    await workers.one_more()
    other = await line.run("tidy_1")
    await _another_begins(workers, slept)
    first.resume()
    await first.line("resources_lost")
    for run in (slept, other):
        assert (await line.ended(run, timeout=30))["outcome"] == "succeeded"
    assert met(workers.journal, gone=f"{slept}.1") == []


async def test_a_run_that_loses_what_it_holds_is_stopped_and_tried_again(line: Pipeline) -> None:
    """Also one that never looks: another has written its key, as if it had slept too long."""
    await declare(line.bus, Retention(hold_ms=HOLD_MS))
    begun: list[int] = []

    async def never_looks(run: RunContext) -> Result:
        begun.append(run.attempt)
        if run.attempt == 1:
            await asyncio.Event().wait()
        return succeeded()

    await line.all(Job(spec("tidy", resources=(ATTIC,), backoff_s=0), never_looks))
    run = await line.run("tidy")
    await wait_until(lambda: begun, what="a run at work")
    await force(line.bus, subjects.RESOURCES, ATTIC, b"")
    row = await line.ended(run)
    assert (row["outcome"], row["attempt"], begun) == ("succeeded", 2, [1, 2])
    first = await line.pool.fetchrow("SELECT * FROM attempt WHERE run = $1 AND attempt = 1", run)
    assert first is not None and first["error"]["code"] == "resource_lost"


async def test_without_nats_nothing_is_ours(line: Pipeline, nats_server: BreakableNats) -> None:
    """`check` can't be answered: that is no yes."""
    await declare(line.bus, Retention(hold_ms=60_000))
    reasons: list[str] = []
    entered, cut = asyncio.Event(), asyncio.Event()

    async def looks(run: RunContext) -> Result:
        async with run.hold(ATTIC, "Attic's library") as held:
            await held.check()
            entered.set()
            await cut.wait()
            try:
                await held.check()
            except ResourceBusy as busy:
                reasons.append(busy.reason)
                raise
        return succeeded()

    await line.all(Job(spec("tidy", attempts=1), looks))
    run = await line.run("tidy")
    await entered.wait()
    nats_server.pause()
    cut.set()
    await wait_until(lambda: reasons, 20, what="an answer to the handler")
    nats_server.resume()
    assert reasons[0].startswith("NATS can't confirm that Attic's library is still held: ")
    row = await line.ended(run, timeout=30)
    assert (row["outcome"], row["error"]["code"]) == ("failed", "resource_lost")


async def _another_begins(workers: Workers, slept: UUID) -> None:
    def begun() -> bool:
        return any(text.startswith("begin ") and text != f"begin {slept}.1" for text in lines(workers.journal))

    await wait_until(begun, 20, what="another run that begins")
