"""Figures that are asked of NATS, and those that must tell of an outage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.gateway.projector.loop import project
from services.gateway.projector.progress import Progress
from services.scheduler.stock import look_at_queues, look_at_streams
from services.workers.door import Job
from shared.contracts import subjects
from shared.contracts.feed import Feed
from shared.contracts.ids import new_run
from shared.runtime.clock import utc_now
from shared.runtime.telemetry import Telemetry
from tests.support.handlers import Held, idle, spec
from tests.support.installations import figures_in
from tests.support.pipeline import Pipeline, finished, open_pipeline
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.waiting import wait_until

NONE: frozenset[tuple[str, str]] = frozenset()
OF_REPORTS = frozenset({("stream", subjects.REPORTS)})


async def test_ticks_that_wait_are_counted_and_dated(line: Pipeline) -> None:
    held = Held()
    await line.scheduler()
    await line.worker(Job(spec("first"), held), idle("second"), concurrency=1)
    for job in ("first", "second"):
        await line.known(job)
    await line.run("first")
    await held.has_begun()
    before = utc_now()
    await line.run("second")
    after = utc_now()
    queue = (await look_at_queues(line.bus, {"test", "nobodys"}))["test"]
    assert (queue.waiting, queue.under_way) == (1, 1)
    assert queue.oldest is not None and before <= queue.oldest <= after
    held.let_go()

    async def empty() -> bool:
        queues = await look_at_queues(line.bus, {"test", "nobodys"})
        return set(queues) == {"test"} and not (queues["test"].waiting or queues["test"].under_way)

    await wait_until(empty, what="an empty queue")
    streams = await look_at_streams(line.bus)
    assert streams[subjects.TICKS].messages == 2 and streams[subjects.TICKS].bytes > 0
    assert streams[subjects.REPORTS].limit_bytes > streams[subjects.TICKS].limit_bytes == 0


@pytest.fixture
async def fragile(nats_server: BreakableNats, postgres_server: BreakablePostgres) -> AsyncIterator[Pipeline]:
    async with open_pipeline(nats_server.url, postgres_server.url) as opened:
        yield opened


async def test_a_projector_without_postgres_tells_how_far_it_is_behind(
    fragile: Pipeline, postgres_server: BreakablePostgres
) -> None:
    telemetry = Telemetry()
    progress = Progress(telemetry)

    async def told(feed: Feed) -> None:
        await asyncio.sleep(0)

    def figure(name: str, labels: frozenset[tuple[str, str]] = NONE) -> float:
        return figures_in(telemetry.meter.text().decode()).get((f"showrunner_{name}", labels), -1.0)

    async def lags(messages: float) -> None:
        await wait_until(
            lambda: figure("projector_lag_messages", OF_REPORTS) == messages, 20, what=f"a lag of {messages}"
        )

    fragile.start(project(fragile.bus, fragile.pool, told, progress))
    fragile.start(progress.watch(fragile.bus))
    await wait_until(lambda: figure("projecting") == 1, what="a projector")
    await postgres_server.kill()
    await wait_until(lambda: figure("projecting") == 0, what="the end of its office")
    for _ in range(3):
        await fragile.write_reports(finished(new_run(), "tidy", utc_now()))
    await lags(3)
    await wait_until(lambda: figure("projector_lag_seconds", OF_REPORTS) > 0.1, what="time to pass")
    await postgres_server.restart()
    await lags(0)
    await wait_until(lambda: figure("projector_batch_runs_sum") == 3, what="all three runs to be told")
    assert figure("projecting") == 1
