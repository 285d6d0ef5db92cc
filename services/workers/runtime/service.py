"""A worker as a service: it announces its jobs, takes their ticks, and drains when it is told to stop."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog
from msgspec import DecodeError

from shared.contracts import codec, subjects
from shared.messaging import Bus, Forbidden, MessagingError, WorkQueue
from shared.runtime.telemetry import Telemetry

from ..door import Job
from .announce import announce, ask_for, check
from .entering import Entrance, QuietBook
from .holdings import Holdings
from .metrics import Metrics
from .outbox import Outbox
from .runner import Runner
from .settings import WorkerSettings

log = structlog.get_logger()

_ANNOUNCE_AGAIN_S = 60.0


async def run(
    bus: Bus,
    jobs: Sequence[Job],
    settings: WorkerSettings,
    book: QuietBook | None = None,
    telemetry: Telemetry | None = None,
) -> None:
    """Work until cancelled, then drain. All jobs are of one category; each name stands for one job.

    `book` says which of them wait for quiet; without it none does. Raises `BadSpec` at once for a spec that could stand
    in no catalogue.
    """
    category, by_name = _sorted_out(jobs)
    check((job.spec for job in jobs), settings.least_interval_ms)
    name = settings.name or f"{socket.gethostname()}-{secrets.token_hex(3)}"
    queue = WorkQueue(bus, category, window=settings.concurrency, ack_wait_s=settings.ack_wait_s)
    metrics = Metrics(telemetry or Telemetry(), category)
    outbox = Outbox(bus, category, name, metrics.bundles.observe)
    async with asyncio.TaskGroup() as senders:
        async with asyncio.TaskGroup() as runs:
            holdings = Holdings(bus, name)
            entrance = Entrance(holdings, book)
            runner = Runner(by_name, queue, outbox, runs, entrance=entrance, metrics=metrics)
            metrics.show(runner.__len__, outbox.__len__)
            sending = senders.create_task(outbox.run(runner.written))
            loops = [
                runs.create_task(loop)
                for loop in (runner.keep(settings.ack_wait_s / 3), runner.keep_time(), holdings.keep())
            ]
            try:
                async with asyncio.TaskGroup() as takers:
                    takers.create_task(_announce(bus, jobs, name))
                    takers.create_task(_hear_cancels(bus, category, runner))
                    takers.create_task(runner.run())
                    log.info("worker_ready", category=category, jobs=len(jobs), worker=name)
            finally:
                await runner.stop(settings.drain_s)
                for loop in loops:
                    loop.cancel()
        sending.cancel()


def _sorted_out(jobs: Sequence[Job]) -> tuple[str, dict[str, Job]]:
    categories = {job.spec.category for job in jobs}
    by_name = {job.spec.name: job for job in jobs}
    if len(categories) != 1 or len(by_name) != len(jobs):
        raise ValueError(f"a worker has jobs of one category, each name once; these are {sorted(categories)}")
    return categories.pop(), by_name


async def _announce(bus: Bus, jobs: Sequence[Job], worker: str) -> None:
    """Announce at the start, and now and then, since a catalogue can be lost with its disk."""
    bring: Callable[..., Awaitable[object]] = announce
    while True:
        try:
            await bring(bus, [job.spec for job in jobs], by=worker)
        except MessagingError as error:
            if isinstance(error, Forbidden) and bring is announce:
                bring = ask_for
                continue
            log.warning("not_announced", reason=str(error))
            await asyncio.sleep(1)
        else:
            await asyncio.sleep(_ANNOUNCE_AGAIN_S)


async def _hear_cancels(bus: Bus, category: str, runner: Runner) -> None:
    async with bus.listen(subjects.cancels(category)) as batches:
        async for batch in batches:
            for message in batch:
                try:
                    ask = codec.decode_cancel(message.data)
                except DecodeError as error:
                    log.warning("cancel_unreadable", reason=str(error))
                    continue
                if runner.cancel(ask.run, ask.by):
                    await bus.say(message.reply, b"+")
