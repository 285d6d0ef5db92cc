"""How late ticks are on the stream, how long a scheduler of 100,000 jobs takes to start, and what it holds.

A tick's lateness is taken where it is read back from the stream, so it holds the way to the disk and to a reader.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from msgspec import Struct

from shared.contracts import codec, subjects
from shared.contracts.ticks import SlotsSkipped
from shared.messaging import After, Bus, Message, Rejected, connect, follow, last_sequence
from tests.support.waiting import wait_until

from . import floor
from .house import House, open_house
from .jobs import LONGEST_MIXED_S
from .machine import memory_mb
from .peers import apscheduler
from .readings import Reading, percentile, shown

LIMITS = {1_000: 3.0, 10_000: 5.0, 100_000: 20.0}  # milliseconds, by number of jobs
START_LIMIT_S, MEMORY_LIMIT_MB = 5.0, 250.0


class Observed(Struct):
    """What was read in a window: each tick's lateness in milliseconds, slots not fired, slots that are nowhere."""

    lateness: list[float]
    skipped: int
    lost: int
    seconds: float


async def measure(quick: bool) -> list[Reading]:
    """Intervals of 1 to 60 seconds, mixed; a worker does the runs."""
    window_s = 5.0 if quick else 15.0
    late: list[Reading] = []
    start: list[Reading] = []
    for jobs, limit in LIMITS.items():
        peer = await apscheduler.lateness(jobs, window_s)
        async with open_house() as house:
            scheduler = house.scheduler()
            house.worker("mixed", jobs)
            async with connect(house.nats.url, "bench") as bus:
                await _announced(bus, jobs)
                await asyncio.sleep(3)
                observed = await _observe(bus, window_s)
            if jobs == max(LIMITS):
                await house.stop("worker")
                await scheduler.kill()
                start = await _start(house, jobs, peer)
        late.append(_reading(jobs, limit, observed, peer))
    return [*late, *start, *await asyncio.to_thread(floor.readings, "ticks")]


def _reading(jobs: int, limit: float, observed: Observed, peer: apscheduler.Measured) -> Reading:
    late = observed.lateness
    ticks = len(late) / observed.seconds
    counted = f"{ticks:,.0f} ticks/s, p50 {shown(percentile(late, 0.5))} ms, {observed.skipped} not fired"
    return Reading(
        figure=f"tick lateness with {jobs:,} schedules, p99",
        value=percentile(late, 0.99),
        unit="ms",
        limit=limit,
        peer="APScheduler 3, in memory",
        peer_value=peer.p99_ms,
        note=f"{counted}, {observed.lost} lost",
    )


async def _announced(bus: Bus, jobs: int) -> None:
    async def all_there() -> bool:
        try:
            _, written = await last_sequence(bus, subjects.bucket_stream(subjects.CATALOGUE))
            _, ticks = await last_sequence(bus, subjects.TICKS)
        except Rejected:
            return False  # the streams are not made yet
        return written >= jobs and ticks > 0

    await wait_until(all_there, 120, what=f"{jobs} jobs in the catalogue, and ticks")


async def _observe(bus: Bus, window_s: float) -> Observed:
    _, before = await last_sequence(bus, subjects.TICKS)
    arrived: list[tuple[int, list[Message]]] = []
    began = time.monotonic()
    async for batch in _until(follow(bus, subjects.TICKS, (subjects.ALL_TICKS,), After(before)), window_s):
        arrived.append((time.time_ns(), batch))
    return _judged(arrived, time.monotonic() - began)


async def _until(batches: AsyncIterator[list[Message]], window_s: float) -> AsyncIterator[list[Message]]:
    ends = time.monotonic() + window_s
    async for batch in batches:
        yield batch
        if time.monotonic() > ends:
            return


def _judged(arrived: list[tuple[int, list[Message]]], seconds: float) -> Observed:
    observed = Observed([], 0, 0, seconds)
    last_slot: dict[str, int] = {}
    for at, batch in arrived:
        for message in batch:
            event = codec.decode_tick_event(message.data)
            if isinstance(event, SlotsSkipped):
                observed.skipped += event.count
                first, last = int(event.first.timestamp()), int(event.last.timestamp())
            else:
                observed.lateness.append(at / 1e6 - event.slot.timestamp() * 1000)
                first = last = int(event.slot.timestamp())
            before = last_slot.get(event.job)
            every = int(event.job.rpartition("_")[2]) % LONGEST_MIXED_S + 1
            if before is not None:
                observed.lost += max(0, round((first - before) / every) - 1)
            last_slot[event.job] = last
    return observed


async def _start(house: House, jobs: int, peer: apscheduler.Measured) -> list[Reading]:
    began = time.monotonic()
    scheduler = house.scheduler()
    await scheduler.line(rf'"jobs":{jobs},.*"schedules_loaded"', 120)
    seconds = time.monotonic() - began
    return [
        Reading(
            figure=f"start of a scheduler with {jobs:,} schedules",
            value=seconds,
            unit="s",
            limit=START_LIMIT_S,
            peer="APScheduler 3",
            peer_value=peer.start_s,
            note="from the process's start, the lease of the one that was killed included",
        ),
        Reading(
            figure="  its memory",
            value=memory_mb(scheduler.pid),
            unit="MB",
            limit=MEMORY_LIMIT_MB,
            peer="APScheduler 3",
            peer_value=peer.memory_mb,
        ),
    ]
