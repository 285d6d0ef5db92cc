"""How late ticks are on the stream, how long a scheduler of 100,000 jobs takes to start, and what it holds.

A tick is as late as its slot is past when the scheduler has it from the server that the tick is on disk. That none is
lost is counted afterwards, in the tick log itself.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from msgspec import Struct

from shared.contracts import codec, subjects
from shared.contracts.ticks import SlotsSkipped
from shared.messaging import After, Bus, Message, Rejected, connect, last_sequence, read_all
from tests.support.waiting import wait_until

from . import floor
from .host import Host
from .house import House, open_house
from .jobs import LONGEST_MIXED_S
from .machine import memory_mb
from .peers import apscheduler
from .readings import Reading, percentile, shown
from .scheduler import WRITTEN_WITHIN_S, recorded

LIMITS = {1_000: 3.0, 10_000: 5.0, 100_000: 20.0}  # milliseconds, by number of jobs
START_LIMIT_S, MEMORY_LIMIT_MB = 5.0, 250.0


class Observed(Struct):
    """What was read in a window: each tick's lateness in milliseconds, slots not fired, slots that are nowhere, and the
    share of the time that the host took."""

    lateness: list[float]
    skipped: int
    lost: int
    seconds: float
    taken: float


async def measure(quick: bool) -> list[Reading]:
    """Intervals of 1 to 60 seconds, mixed; a worker does the runs."""
    window_s = 5.0 if quick else 15.0
    late: list[Reading] = []
    start: list[Reading] = []
    for jobs, limit in LIMITS.items():
        peer = await apscheduler.lateness(jobs, window_s)
        async with open_house() as house:
            scheduler, file = house.recorded_scheduler()
            house.worker("mixed", jobs)
            async with connect(house.nats.url, "bench") as bus:
                await _announced(bus, jobs)
                await asyncio.sleep(3)
                observed = await _observe(bus, file, window_s)
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
        taken=observed.taken,
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


async def _observe(bus: Bus, file: Path, window_s: float) -> Observed:
    _, before = await last_sequence(bus, subjects.TICKS)
    began, host = time.time(), Host()
    with host.watching_the_disk():
        await asyncio.sleep(window_s)
    ended, taken = time.time(), host.taken()
    written = await read_all(bus, subjects.TICKS, (subjects.ALL_TICKS,), After(before))
    await asyncio.sleep(WRITTEN_WITHIN_S)
    skipped, lost = _accounted(written)
    return Observed(recorded(file, began, ended), skipped, lost, ended - began, taken)


def _accounted(log: list[Message]) -> tuple[int, int]:
    """Slots that were not fired, and those between two others of their job that are nowhere."""
    skipped, lost = 0, 0
    last_slot: dict[str, int] = {}
    for message in log:
        event = codec.decode_tick_event(message.data)
        if isinstance(event, SlotsSkipped):
            skipped += event.count
            first, last = int(event.first.timestamp()), int(event.last.timestamp())
        else:
            first = last = int(event.slot.timestamp())
        every = int(event.job.rpartition("_")[2]) % LONGEST_MIXED_S + 1
        if (before := last_slot.get(event.job)) is not None:
            lost += max(0, round((first - before) / every) - 1)
        last_slot[event.job] = last
    return skipped, lost


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
