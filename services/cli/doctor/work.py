"""Workers: is there one for each category that the catalogue knows?"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import msgspec

from services.cli.terminal.letters import counted
from shared.contracts import codec, subjects
from shared.messaging import After, Bus, MessagingError, Rejected, read_all

from .findings import Finding, fault, ok, warning

LOOKS, PAUSE_S = 5, 0.2  # a worker's request ends now and then, and the next one is not there yet


async def workers(bus: Bus) -> list[Finding]:
    """A line for each category."""
    try:
        categories = await _categories(bus)
        if not categories:
            return [fault("workers", "no worker has announced a job", "start one: showrunner worker sync, or up")]
        return [await _worker(bus, category, jobs) for category, jobs in sorted(categories.items())]
    except MessagingError as error:
        return [fault("workers", f"can't be told: {error}", "mend the streams first")]


async def _categories(bus: Bus) -> dict[str, int]:
    """The categories of the catalogue, and how many jobs each has."""
    bucket = subjects.bucket_stream(subjects.CATALOGUE)
    found: dict[str, int] = defaultdict(int)
    for message in await read_all(bus, bucket, (subjects.bucket_key(subjects.CATALOGUE, ">"),), After(0)):
        try:
            found[codec.decode_spec(message.data).category] += 1
        except msgspec.DecodeError:
            continue  # a newer version's, or a deleted one
    return found


async def _worker(bus: Bus, category: str, jobs: int) -> Finding:
    about, start = f"worker {category}", f"start one: showrunner worker {category}, or up"
    info: dict[str, Any] = {}
    for _ in range(LOOKS):
        try:
            info = await bus.api(f"CONSUMER.INFO.{subjects.TICKS}.{subjects.workers_of(category)}", {})
        except Rejected:
            return fault(about, f"there never was one; {counted(jobs, 'job')} wait for it", start)
        if info["num_waiting"]:
            return ok(about, f"waits for work, {counted(jobs, 'job')}")
        await asyncio.sleep(PAUSE_S)
    if under_way := info["num_ack_pending"]:
        return warning(about, f"asks for no more work; {counted(under_way, 'run')} under way, or were when it died",
                       "see whether it still runs; its runs go to another one if there is one")  # fmt: skip
    return fault(about, f"none is there; {counted(info['num_pending'], 'run')} wait", start)
