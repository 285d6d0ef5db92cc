"""The same path at its barest: a message to a stream, a report back, a row; no schedule, no handler, no state.

As a process: `python -m tests.bench.peers.barest fire | work | write`.
"""

from __future__ import annotations

import asyncio
import os
import sys

import asyncpg
import uvloop

from shared.contracts import subjects
from shared.contracts.ids import new_run
from shared.messaging import (
    After,
    Bus,
    Entry,
    Retention,
    WorkQueue,
    append,
    append_plain,
    connect,
    declare,
    follow,
)

from ..house import CONCURRENCY, House
from ..jobs import CATEGORY
from . import Throughput, throughput

_BATCH = 100
_AHEAD = 4000
_COMPLETE = "SELECT count(*) FROM run"
_DATABASE, _NATS = "SHOWRUNNER_BENCH_DATABASE_URL", "SHOWRUNNER_BENCH_NATS_URL"


async def measure(house: House, window_s: float) -> Throughput:
    """Steady rows a second over `window_s` seconds."""
    env = {_DATABASE: house.postgres.url, _NATS: house.nats.url}
    async with house.database() as database, connect(house.nats.url, "bench") as bus:
        await declare(bus, Retention())
        await database.execute("CREATE SCHEMA IF NOT EXISTS jobs")
        await database.execute("CREATE TABLE run (id uuid PRIMARY KEY, finished_at timestamptz NOT NULL)")
        for role in ("write", "work", "fire"):
            house.services[role] = house.processes.python("-m", __name__, role, env=env)
        return await throughput(house, database, _COMPLETE, window_s)


async def _fire(bus: Bus) -> None:
    fired = 0
    async with asyncio.TaskGroup() as tasks:
        progress = _Progress()
        tasks.create_task(progress.follow(bus))
        while True:
            entries = []
            for number in range(fired, fired + _BATCH):
                subject = subjects.slot_tick(CATEGORY, f"job_{number}")
                entries.append(Entry(subject, str(new_run()).encode(), subject, 0))
            await append(bus, entries)
            fired += _BATCH
            while fired - progress.done > _AHEAD:
                await progress.moved()


class _Progress:
    """How many reports there are: whoever fires must not run away from those who work."""

    def __init__(self) -> None:
        self.done = 0
        self._event = asyncio.Event()

    async def follow(self, bus: Bus) -> None:
        async for batch in follow(bus, subjects.REPORTS, (subjects.ALL_REPORTS,), After(0)):
            self.done += sum(message.data.count(b" ") + 1 for message in batch)
            self._event.set()

    async def moved(self) -> None:
        self._event.clear()
        await self._event.wait()


async def _work(bus: Bus) -> None:
    queue = WorkQueue(bus, CATEGORY, window=CONCURRENCY, ack_wait_s=10)
    async for batch in queue.messages():
        await append_plain(bus, subjects.reports(CATEGORY, "barest"), b" ".join(message.data for message in batch))
        queue.acknowledge(batch)
        queue.release(len(batch))


async def _write(bus: Bus) -> None:
    database = await asyncpg.connect(os.environ[_DATABASE], server_settings={"search_path": "jobs"})
    async for batch in follow(bus, subjects.REPORTS, (subjects.ALL_REPORTS,), After(0)):
        ids = [id.decode() for message in batch for id in message.data.split(b" ")]
        await database.execute("INSERT INTO run SELECT id, now() FROM unnest($1::uuid[]) AS id", ids)


async def _main(role: str) -> None:
    async with connect(os.environ[_NATS], role) as bus:
        await {"fire": _fire, "work": _work, "write": _write}[role](bus)


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1]))
