"""The ticker by itself, on a real log: turns that are under way while other things happen to their jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from msgspec import Struct

from services.scheduler.jobs import Job, timing_of
from services.scheduler.metrics import Metrics
from services.scheduler.roster import Roster
from services.scheduler.ticker import Ticker
from shared.contracts.ticks import Tick
from shared.runtime.clock import Alarm, now_ms
from shared.runtime.telemetry import Telemetry
from tests.support.handlers import every, spec
from tests.support.pipeline import Pipeline
from tests.support.waiting import wait_until


class Bench(Struct):
    """A ticker that runs, and what it works on."""

    line: Pipeline
    ticker: Ticker
    roster: Roster
    telemetry: Telemetry

    def job(self, name: str, every_ms: int) -> Job:
        """Announced just now."""
        self.roster.announce(timing_of(spec(name, every(every_ms))), 1, now_ms(), now_ms())
        self.ticker.alarm.ring()
        return self.roster.jobs[name]

    async def under_way(self, job: Job) -> None:
        """Wait until a turn writes about the job; nothing else happens between that and what follows."""
        async with asyncio.timeout(5):
            while not job.writing:  # noqa: ASYNC110 - nobody else must come between
                await asyncio.sleep(0)

    async def fired(self, name: str) -> list[Tick]:
        return [event for event in await self.line.ticks(name) if isinstance(event, Tick)]

    @property
    def conflicts(self) -> float:
        return self.telemetry.meter.counter("showrunner_tick_log_conflicts", "").total


@pytest.fixture
async def bench(line: Pipeline) -> AsyncIterator[Bench]:
    telemetry, roster, alarm = Telemetry(), Roster("UTC"), Alarm()
    ticker = Ticker(line.bus, roster, Metrics(telemetry), alarm)
    running = asyncio.ensure_future(ticker.run())
    yield Bench(line, ticker, roster, telemetry)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    alarm.close()


async def test_a_job_whose_tick_is_on_its_way_is_not_looked_at_again(bench: Bench) -> None:
    job = bench.job("tidy", 200)
    await bench.under_way(job)
    # As a control or the end of its run does, whenever that is heard.
    bench.roster.look_again(job, now_ms())
    bench.ticker.alarm.ring()
    await wait_until(lambda: not job.writing, what="the tick on disk")
    assert len(await bench.fired("tidy")) == 1
    assert bench.conflicts == 0


async def test_a_run_whose_tick_is_on_its_way_is_not_taken_for_ended(bench: Bench) -> None:
    job = bench.job("tidy", 200)
    # What was ticked last has ended, and so have all ticks up to it.
    job.ticked = 1
    await bench.under_way(job)
    await asyncio.sleep(0)
    run = job.active
    assert run is not None and job.ticked == 0
    await wait_until(lambda: not job.writing, what="the tick on disk")
    assert job.active == run and job.ticked > 0


async def test_whoever_has_the_log_alone_changes_a_job_between_its_slots(bench: Bench) -> None:
    job = bench.job("tidy", 100)
    for _ in range(3):
        await bench.under_way(job)
        async with bench.ticker.turns.alone():
            assert not job.writing
            until = await bench.ticker.account(job)
            assert job.accounted <= until
    assert bench.conflicts == 0
