"""A run that is stopped while it takes or renews what it holds lets others have it at once."""

from __future__ import annotations

import asyncio
import random

from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts import subjects
from shared.messaging import Retention, declare
from shared.messaging.buckets import get
from tests.support.handlers import spec
from tests.support.lonely import ATTIC
from tests.support.pipeline import Pipeline

CELLAR = "disk.cellar"
TIMES = 100
WITHIN_S = 0.01  # most are stopped while they enter, or while they look for the first times
NEVER_ENDS = Retention(hold_ms=600_000)


async def works(run: RunContext) -> None:
    async with run.hold(ATTIC, "Attic's library") as attic, run.hold(CELLAR, "the cellar") as cellar:
        while True:
            await attic.check()
            await cellar.check()


async def test_stopped_at_any_moment(line: Pipeline) -> None:
    await declare(line.bus, NEVER_ENDS)
    chance = random.Random(1)
    kept: list[int] = []

    async def stops_itself(run: RunContext) -> Result:
        for time in range(TIMES):
            working = asyncio.ensure_future(works(run))
            await asyncio.sleep(chance.random() * WITHIN_S)
            working.cancel()
            await asyncio.wait([working])
            standing = [await get(line.bus, subjects.RESOURCES, resource) for resource in (ATTIC, CELLAR)]
            if any(value.data for value in standing):
                kept.append(time)
        return succeeded()

    await line.all(Job(spec("tidy"), stops_itself))
    row = await line.ended(await line.run("tidy"), timeout=60)
    assert (row["outcome"], kept) == ("succeeded", [])
