"""Cancellations that our libraries would lose: whoever is to stop would go on for ever.

On Python 3.11, `asyncio.wait_for` takes one that comes together with the result for none at all (python/cpython#86296;
mended in 3.12 alone). We never use it, but nats-py and aiosmtplib await by it what comes from their servers.

In a transaction on a connection that is lost, asyncpg raises what befell the connection in its place.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


def keep_cancellations() -> None:
    """Put Python 3.12's way in the place of 3.11's, for the whole process; from 3.12 on nothing is done."""
    if sys.version_info[:2] < (3, 12):
        asyncio.wait_for = asyncio.tasks.wait_for = wait_for  # type: ignore[assignment]


async def wait_for(awaitable: Awaitable[T], timeout: float | None) -> T:
    """As `asyncio.wait_for`. TimeoutError: `timeout` seconds were not enough."""
    async with asyncio.timeout(timeout):
        return await awaitable


def heed_cancellation() -> None:
    """For whoever has caught an error that is no reason to stop. CancelledError: this task is to stop all the same."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
