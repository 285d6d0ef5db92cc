"""What others reach on the same machine, in the same run, on servers with the same durable settings."""

from __future__ import annotations

import asyncio
import time

import asyncpg
from msgspec import Struct

from ..house import House

_WARM_UP_S = 4.0


class Throughput(Struct, frozen=True):
    """Runs a second, and processor seconds per 1,000 runs with the servers' included."""

    runs_a_second: float
    seconds_per_1000: float


async def throughput(
    house: House, database: asyncpg.Connection[asyncpg.Record], count: str, window_s: float
) -> Throughput:
    """Of all that runs in the house, once it is warm. `count` is the query that counts complete runs."""
    await asyncio.sleep(_WARM_UP_S)
    before, clock, spent = await database.fetchval(count), time.monotonic(), sum(house.processor_seconds().values())
    await asyncio.sleep(window_s)
    seconds = sum(house.processor_seconds().values()) - spent
    elapsed = time.monotonic() - clock
    runs = await database.fetchval(count) - before
    return Throughput(runs / elapsed, seconds / max(1, runs) * 1000)
