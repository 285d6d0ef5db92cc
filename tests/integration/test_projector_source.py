"""What a projector that is far behind has at hand at a time, on a real stream."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from services.gateway.projector.source import STREAMS, Source
from shared.contracts import codec, subjects
from shared.contracts.ids import new_run
from shared.contracts.ticks import Tick
from shared.messaging import Bus, Entry, append
from tests.support.pipeline import Pipeline
from tests.support.waiting import wait_until

BATCHES, IN_A_BATCH = 24, 1000
EACH_BYTES = 1000
NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def fill(bus: Bus) -> None:
    for batch in range(BATCHES):
        await append(bus, [entry(f"job_{batch}_{number}") for number in range(IN_A_BATCH)])


def entry(job: str) -> Entry:
    tick = Tick(
        run=new_run(), job=job, category="sync", trigger="manual", fired_at=NOW, params={"note": "." * EACH_BYTES}
    )
    subject = subjects.manual_tick("sync", job)
    return Entry(subject, codec.encode(tick), subject, 0)


async def has_reader(bus: Bus) -> bool:
    consumers = (await bus.api(f"CONSUMER.NAMES.{subjects.TICKS}", {}))["consumers"] or []
    return any(name.startswith("reader-") for name in consumers)


async def stands_still(bus: Bus) -> None:
    """Wait until the only reader of the tick log asks for nothing more, or has it all; two looks must find it so."""
    seen = -1

    async def no_more() -> bool:
        nonlocal seen
        consumers = (await bus.api(f"CONSUMER.LIST.{subjects.TICKS}", {}))["consumers"]
        reader = next(consumer for consumer in consumers if consumer["name"].startswith("reader-"))
        before, seen = seen, reader["num_pending"]
        return bool(seen == before and (seen == 0 or reader["num_waiting"] == 0))

    await wait_until(no_more, 30, what="a reader that stands still")


async def test_a_long_backlog_is_read_in_order_and_never_all_of_it_at_once(line: Pipeline) -> None:
    await fill(line.bus)
    source = Source(line.bus, dict.fromkeys(STREAMS, 0))
    jobs: list[str] = []
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(source.read(subjects.TICKS))
        await wait_until(lambda: has_reader(line.bus), what="the reader")
        while len(jobs) < BATCHES * IN_A_BATCH:
            await stands_still(line.bus)
            news = await source.take()
            assert 0 < len(news.events) < BATCHES * IN_A_BATCH / 2
            jobs += [event.job for event in news.events]
            assert news.positions == {subjects.TICKS: len(jobs)}
            assert news.waiting == {subjects.TICKS: BATCHES * IN_A_BATCH - len(jobs)}
        reading.cancel()
    assert jobs == [f"job_{batch}_{number}" for batch in range(BATCHES) for number in range(IN_A_BATCH)]
