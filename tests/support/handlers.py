"""Jobs whose handlers a test can watch and hold."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts.specs import Interval, Schedule, Spec
from tests.support.waiting import wait_until

HOUR_MS = 3_600_000
SECOND_MS = 1000
OFTEN_MS = 10
"""The least interval of the tests' schedulers and workers: many slots in little time."""
RARELY = Interval(every_ms=24 * HOUR_MS, anchor_ms=1)


def spec(name: str, schedule: Schedule = RARELY, **given: Any) -> Spec:
    """A job of category `test` which is due about never, unless told."""
    if isinstance(schedule, Interval) and schedule.every_ms < SECOND_MS:
        given = {"min_interval_ms": schedule.every_ms} | given
    return Spec(
        **({"name": name, "title": name, "description": "A job.", "category": "test", "schedule": schedule} | given)
    )


def every(milliseconds: int) -> Interval:
    return Interval(every_ms=milliseconds)


async def nothing(run: RunContext) -> Result:
    """A handler with nothing to do."""
    return succeeded()


def idle(name: str, schedule: Schedule = RARELY, **given: Any) -> Job:
    """A job that does nothing."""
    return Job(spec(name, schedule, **given), nothing)


class Held:
    """A handler that waits until it is let go. `begun` has the attempts in their order, as (run, attempt)."""

    def __init__(self) -> None:
        self.begun: list[tuple[UUID, int]] = []
        self.ended: list[UUID] = []
        self.at_work = 0
        self.most_at_work = 0
        self._go = asyncio.Event()

    async def __call__(self, run: RunContext) -> Result:
        self.begun.append((run.id, run.attempt))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await self._go.wait()
            self.ended.append(run.id)
        finally:
            self.at_work -= 1
        return succeeded("was let go")

    def let_go(self) -> None:
        """Let all that wait end, and all that come."""
        self._go.set()

    async def has_begun(self, count: int = 1) -> None:
        await wait_until(lambda: len(self.begun) >= count, what=f"{count} attempts to begin")
