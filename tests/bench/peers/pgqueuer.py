"""pgqueuer: one process puts jobs in, another runs them; both and the server are counted.

As a process: `python -m tests.bench.peers.pgqueuer fill | work | stamp`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import asyncpg
import uvloop
from pgqueuer import AsyncpgDriver, Job, PgQueuer, Queries

from tests.support.waiting import wait_until

from ..house import House
from . import Throughput, throughput

_ENTRYPOINT = "nothing"
_BATCH = 500
_WAITING = 20_000
_COMPLETE = "SELECT count(*) FROM pgqueuer_log WHERE status = 'successful'"
_URL = "SHOWRUNNER_BENCH_DATABASE_URL"


async def measure(house: House, window_s: float) -> Throughput:
    """Steady runs a second over `window_s` seconds."""
    env = {_URL: house.postgres.url}
    async with house.database() as database:
        await database.execute("CREATE SCHEMA IF NOT EXISTS jobs")
        await Queries.from_asyncpg_connection(database).install()
        for role in ("fill", "work"):
            house.services[role] = house.processes.python("-m", __name__, role, env=env)
        return await throughput(house, database, _COMPLETE, window_s)


async def start_latency(house: House, count: int, every_s: float) -> list[float]:
    """Milliseconds from putting a job in to its handler's start, one job every `every_s` seconds."""
    async with house.database() as database:
        await database.execute("CREATE SCHEMA IF NOT EXISTS jobs")
        queries = Queries.from_asyncpg_connection(database)
        await queries.install()
        worker = house.processes.python("-m", __name__, "stamp", env={_URL: house.postgres.url})
        await worker.line("^ready$")
        for _ in range(count):
            await queries.enqueue(_ENTRYPOINT, str(time.time_ns()).encode())
            await asyncio.sleep(every_s)
        await wait_until(lambda: worker.text.count("late ") >= count, 20, what="the end of all jobs")
    return [float(line[5:]) for line in worker.text.splitlines() if line.startswith("late ")]


async def _fill(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    queries = Queries.from_asyncpg_connection(connection)
    while True:
        if sum(entry.count for entry in await queries.queue_size()) > _WAITING:
            await asyncio.sleep(0.05)
        for _ in range(4):
            await queries.enqueue([_ENTRYPOINT] * _BATCH, [None] * _BATCH, [0] * _BATCH)


async def _work(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    queue = PgQueuer(AsyncpgDriver(connection))

    @queue.entrypoint(_ENTRYPOINT)
    async def nothing(job: Job) -> None:
        return

    await queue.run(batch_size=_BATCH)


async def _stamp(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    queue = PgQueuer(AsyncpgDriver(connection))

    @queue.entrypoint(_ENTRYPOINT)
    async def stamped(job: Job) -> None:
        sys.stdout.write(f"late {(time.time_ns() - int(job.payload or 0)) / 1e6}\n")
        sys.stdout.flush()

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await queue.run()


async def _main(role: str) -> None:
    connection = await asyncpg.connect(os.environ[_URL], server_settings={"search_path": "jobs"})
    await {"fill": _fill, "work": _work, "stamp": _stamp}[role](connection)


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1]))
