"""On Python 3.11, `asyncio.wait_for` takes a cancellation that comes together with the result for none at all.

Whoever is stopped just then goes on for ever (python/cpython#86296; mended in 3.12 alone). We never use it, but our
libraries await by it what comes from NATS and from mail servers.
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
