"""Complete runs a second, and what they cost: a slot fired, a run that does nothing, its row finished in Postgres."""

from __future__ import annotations

import asyncio
import time

from .client import listen_idly, logged_in
from .house import House, finished_runs, open_house, warmed_up
from .peers import barest, pgqueuer
from .readings import Reading

OFFERED = 10_000
MORE = (14_000, 16_000)  # what is done of 16,000 varies with the machine: it is about all that can be


async def measure(quick: bool) -> list[Reading]:
    """As many slots as the limit asks for, which shows the cost, and more, up to what can be done; the most counts."""
    window_s = 4.0 if quick else 10.0
    done: dict[int, float] = {}
    async with open_house() as house:
        done[OFFERED], seconds, by_process = await _complete(house, OFFERED, window_s)
    for jobs in MORE:
        async with open_house() as house:
            done[jobs], _, _ = await _complete(house, jobs, window_s)
    async with open_house() as house:
        queue = await pgqueuer.measure(house, window_s)
    async with open_house() as house:
        bare = await barest.measure(house, window_s)
    most = max(done.values())
    cost = {"figure": "processor seconds per 1,000 runs", "value": seconds, "unit": "s", "limit": 0.20}
    return [
        Reading(
            figure="complete runs a second, steady",
            value=most,
            unit="/s",
            limit=10_000,
            more=True,
            peer="pgqueuer",
            peer_value=queue.runs_a_second,
            note="of jobs every second, runs: " + "; ".join(f"{jobs:,}: {runs:,.0f}" for jobs, runs in done.items()),
        ),
        Reading(
            figure="  not behind the barest path",
            value=most,
            unit="/s",
            more=True,
            peer="barest path",
            peer_value=bare.runs_a_second,
        ),
        Reading(**cost, peer="pgqueuer", peer_value=queue.seconds_per_1000, note=by_process),  # type: ignore[arg-type]
        Reading(
            figure="  processor seconds of the barest path",
            value=seconds,
            unit="s",
            peer="barest path",
            peer_value=bare.seconds_per_1000,
        ),
    ]


async def _complete(house: House, jobs: int, window_s: float) -> tuple[float, float, str]:
    """Runs a second, processor seconds per 1,000 runs, and the same by process."""
    address = await house.gateway()
    house.scheduler()
    house.worker("steady", jobs)
    async with house.database() as database, logged_in(address, house.password) as client, asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen_idly(client))
        await warmed_up(database, jobs * 2)
        count, clock, spent = await finished_runs(database), time.monotonic(), house.processor_seconds()
        await asyncio.sleep(window_s)
        spent_then = house.processor_seconds()
        elapsed = time.monotonic() - clock
        runs = await finished_runs(database) - count
        listening.cancel()
    by_process = {name: (seconds - spent[name]) / runs * 1000 for name, seconds in spent_then.items()}
    return (
        runs / elapsed,
        sum(by_process.values()),
        ", ".join(f"{name} {value:.3f}" for name, value in by_process.items()),
    )
