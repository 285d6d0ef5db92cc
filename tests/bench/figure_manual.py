"""A run by hand, one every 50 ms: from the request to its handler's start, and to the finished event and the row."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
from aiohttp import ClientSession
from msgspec import Struct

from tests.support.waiting import wait_until

from . import floor
from .client import events, logged_in
from .house import House, open_house
from .jobs import job_name
from .peers import pgqueuer
from .readings import Reading, percentile

EVERY_S = 0.05
WARM_UP = 40


class Asked(Struct):
    """A run: when it was asked for, when its handler began, and when its end was told; wall clock, nanoseconds."""

    at: int
    began: int = 0
    told: int = 0


async def measure(quick: bool) -> list[Reading]:
    """Everything else is idle. The peer's jobs are put in without HTTP."""
    count = 100 if quick else 400
    async with open_house() as house:
        asked = await _asked(house, count)
    async with open_house() as house:
        peer = (await pgqueuer.start_latency(house, WARM_UP + count, EVERY_S))[WARM_UP:]
    starts = [(run.began - run.at) / 1e6 for run in asked]
    ends = [(run.told - run.at) / 1e6 for run in asked]
    return [
        _reading("POST run to handler start, p50", starts, 0.50, 3, peer),
        _reading("POST run to handler start, p99", starts, 0.99, 8, peer),
        _reading("POST run to finished event and row, p50", ends, 0.50, 8),
        _reading("POST run to finished event and row, p99", ends, 0.99, 15),
        *await asyncio.to_thread(floor.readings, "a run by hand"),
    ]


def _reading(figure: str, values: list[float], share: float, limit: float, peer: list[float] | None = None) -> Reading:
    return Reading(
        figure=figure,
        value=percentile(values, share),
        unit="ms",
        limit=limit,
        peer="pgqueuer, no HTTP" if peer else "",
        peer_value=percentile(peer, share) if peer else None,
    )


async def _asked(house: House, count: int) -> list[Asked]:
    address = await house.gateway()
    house.scheduler()
    # Each is asked for once: the machine may stand still for longer than any turn takes, and one that runs is refused.
    jobs = WARM_UP + count
    house.worker("by_hand", jobs)
    asked: dict[str, Asked] = {}
    async with house.database() as database, logged_in(address, house.password) as client, asyncio.TaskGroup() as tasks:
        await _ready(client, jobs)
        listening = tasks.create_task(_listen(client, database, asked))
        async with asyncio.TaskGroup() as asking:
            for number in range(jobs):
                asking.create_task(_ask(client, job_name(number), asked))
                await asyncio.sleep(EVERY_S)
        runs = list(asked.values())
        await wait_until(lambda: all(run.told for run in runs), 20, what="the end of all runs")
        listening.cancel()
    return runs[WARM_UP:]


async def _ready(client: ClientSession, jobs: int) -> None:
    async def all_listed() -> bool:
        async with client.get("/api/jobs") as answer:
            listed = await answer.json()
        return len(listed["jobs"]) == jobs and listed["scheduler"]["state"] == "leading"

    await wait_until(all_listed, 30, what="the jobs in the API")


async def _ask(client: ClientSession, job: str, asked: dict[str, Asked]) -> None:
    at = time.time_ns()
    async with client.post(f"/api/jobs/{job}/run", json={}) as answer:
        answer.raise_for_status()
        asked.setdefault((await answer.json())["run_id"], Asked(at)).at = at


async def _listen(client: ClientSession, database: asyncpg.Connection[asyncpg.Record], asked: dict[str, Asked]) -> None:
    async for name, data in events(client):
        if name == "run" and data["state"] == "finished":
            run = asked.setdefault(data["id"], Asked(0))
            await _note_end(database, data, run)


async def _note_end(database: asyncpg.Connection[asyncpg.Record], data: dict[str, Any], run: Asked) -> None:
    state = await database.fetchval("SELECT state FROM run WHERE id = $1::text::uuid", data["id"])
    if state != "finished":
        raise AssertionError(f"the feed tells of the end of run {data['id']}, which is {state} in Postgres")
    run.told = time.time_ns()
    run.began = int(data["summary"])
