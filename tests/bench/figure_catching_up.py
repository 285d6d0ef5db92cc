"""A gateway that was away: ticks and reports a second into Postgres until it has caught up."""

from __future__ import annotations

import asyncio
import time

from shared.contracts import subjects
from shared.messaging import connect, last_sequence
from tests.support.waiting import wait_until

from .house import House, finished_runs, open_house
from .peers import unnest
from .readings import Reading

LIMIT = 30_000
JOBS = 8_000
EVENTS_A_RUN = 2  # its tick, and the report of its end: the start of a run that takes no time is not told by itself


async def measure(quick: bool) -> list[Reading]:
    """The streams are filled by the scheduler and a worker; then they stop, and the gateway starts."""
    async with open_house() as house:
        house.scheduler()
        house.worker("steady", JOBS)
        await asyncio.sleep(10 if quick else 40)
        await house.stop("scheduler")
        await asyncio.sleep(2)
        await house.stop("worker")
        runs, seconds = await _caught_up(house)
        peer = await unnest.rows_a_second(house)
    return [
        Reading(
            figure="gateway catching up, ticks and reports a second",
            value=runs * EVENTS_A_RUN / seconds,
            unit="/s",
            limit=LIMIT,
            more=True,
            peer="asyncpg alone, unnest, rows",
            peer_value=peer,
            note=f"{runs:,} runs in {seconds:.1f} s from the first row to the last",
        )
    ]


async def _caught_up(house: House) -> tuple[int, float]:
    async with connect(house.nats.url, "bench") as bus:
        _, ticks = await last_sequence(bus, subjects.TICKS)
        _, reports = await last_sequence(bus, subjects.REPORTS)
    await house.gateway()
    async with house.database() as database:

        async def some() -> bool:
            return bool(await database.fetchval("SELECT count(*) FROM position WHERE stream = 'REPORTS'"))

        async def all_read() -> bool:
            rows = await database.fetch("SELECT stream, sequence FROM position")
            read = {row["stream"]: row["sequence"] for row in rows}
            return bool(read.get(subjects.TICKS, 0) >= ticks and read.get(subjects.REPORTS, 0) >= reports)

        await wait_until(some, 30, what="the first reports in Postgres")
        first, began = await finished_runs(database), time.monotonic()
        await wait_until(all_read, 300, what="all reports in Postgres")
        seconds = time.monotonic() - began
        return await finished_runs(database) - first, seconds
