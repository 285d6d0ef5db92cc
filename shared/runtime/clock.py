"""The time, and waiting for it."""

from __future__ import annotations

import asyncio
import math
import time
from datetime import UTC, datetime

from .timer import open_timer

# A timer's process is back at work a tenth or two of a millisecond after the timer went off.
_WAKING_S = 0.0002


def now_ms() -> int:
    """Milliseconds since the Unix epoch, to the nearest: whoever wakes for one finds that it is there."""
    return (time.time_ns() + 500_000) // 1_000_000


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class Alarm:
    """Lets one loop sleep until a moment, or until somebody rings. To be made in the running event loop, and closed."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._asleep_until = -math.inf
        self._timer = open_timer(self._rung.set)

    def close(self) -> None:
        """Nobody sleeps here any more."""
        self._timer.close()

    def ring(self) -> None:
        """End the present sleep, or the next one."""
        self._rung.set()

    def wake_by(self, moment_ms: int) -> None:
        """End the present sleep if it would last longer."""
        if moment_ms < self._asleep_until:
            self._rung.set()

    async def until(self, moment_ms: int | None) -> None:
        """Sleep until `moment_ms` by the wall clock; at most a second, since that clock can be set. None: a second.

        It may end earlier for no reason; when it ends for the moment, `now_ms` has it.
        """
        delay_s = 1.0 if moment_ms is None else min(1.0, moment_ms / 1000 - time.time() - _WAKING_S)
        if delay_s > 0 and not self._rung.is_set():
            self._timer.set(delay_s)
            self._asleep_until = math.inf if moment_ms is None else moment_ms
            await self._rung.wait()
            self._asleep_until = -math.inf
        else:
            await asyncio.sleep(0)
        self._rung.clear()
