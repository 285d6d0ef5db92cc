"""The one life of every process: services run together until a signal, and stop one after another."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog

log = structlog.get_logger()

Service = Coroutine[Any, Any, None]


async def run_until_stopped(services: Mapping[str, Service]) -> None:
    """Run services side by side; at SIGTERM or SIGINT stop them in the order given, each wholly before the next.

    A service that ends by itself with an error takes the others with it, in the same order.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # What was loaded stays: the collector need not look through it again and again, while everybody waits.
    gc.collect()
    gc.freeze()
    tasks = {name: asyncio.ensure_future(service) for name, service in services.items()}
    for task in tasks.values():
        task.add_done_callback(lambda _: stop.set())
    try:
        await stop.wait()
    finally:
        log.info("stopping")
        for name, task in tasks.items():
            await _stopped(name, task)
    for task in tasks.values():
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _stopped(name: str, task: asyncio.Future[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    log.debug("stopped", part=name)
