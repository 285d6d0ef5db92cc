"""Jobs that do nothing, in any number, with their slots spread."""

from __future__ import annotations

import time

from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts.specs import Interval, Spec

CATEGORY = "bench"
LONGEST_MIXED_S = 60
_DAY_MS = 86_400_000


def job_name(number: int) -> str:
    return f"bench_{number:06}"


def jobs(kind: str, count: int) -> list[Job]:
    """`steady`: each every second; `mixed`: each every 1 to 60 s; `by_hand`: once a day. Slots are spread evenly."""
    return [Job(_spec(number, interval), stamped) for number, interval in enumerate(_intervals(kind, count))]


async def stamped(run: RunContext) -> Result:
    """Does nothing, and says when it began, in nanoseconds since the Unix epoch."""
    return succeeded(str(time.time_ns()))


def _intervals(kind: str, count: int) -> list[Interval]:
    if kind == "steady":
        return [Interval(every_ms=1000, anchor_ms=number * 1000 // count) for number in range(count)]
    if kind == "mixed":
        seconds = [number % LONGEST_MIXED_S + 1 for number in range(count)]
        return [Interval(every_ms=s * 1000, anchor_ms=n * s * 1000 // count) for n, s in enumerate(seconds)]
    return [Interval(every_ms=_DAY_MS, anchor_ms=_DAY_MS // 2) for _ in range(count)]


def _spec(number: int, interval: Interval) -> Spec:
    name = job_name(number)
    return Spec(name=name, title=name, description="Does nothing.", category=CATEGORY, schedule=interval)
