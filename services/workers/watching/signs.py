"""What is seen outside, written to the bucket of resources while it lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.contracts import codec, subjects
from shared.contracts.resources import Occupied
from shared.messaging import Bus, MessagingError
from shared.messaging.buckets import force
from shared.runtime.clock import utc_now

log = structlog.get_logger()

_RETRY_S = 1.0


class Signs:
    """One sign a resource, also for one that nothing keeps busy: without any, nobody knows whether somebody looks.

    `limit_s`: after so many seconds, what was not written anew is gone.
    """

    def __init__(self, bus: Bus, limit_s: float, ours: Callable[[], Awaitable[bool]]) -> None:
        self._bus = bus
        self._limit_s = limit_s
        self._ours = ours
        self._signs: dict[str, Occupied] = {}
        self._news: set[str] = set()
        self._some = asyncio.Event()

    def show(self, resource: str, what: str = "", share: float | None = None) -> None:
        """This keeps it busy ("" for nothing), and so much of that is done."""
        before = self._signs.get(resource)
        since = before.since if before and before.what == what else utc_now()
        sign = Occupied(what=what, share=share, since=since)
        if sign != before:
            self._signs[resource] = sign
            self._tell(resource)

    def forget(self, resource: str) -> None:
        """Nobody looks any more."""
        if self._signs.pop(resource, None) is not None:
            self._tell(resource)

    def busy(self, resource: str) -> bool:
        """Whether something keeps it busy, as far as is known."""
        sign = self._signs.get(resource)
        return sign is not None and bool(sign.what)

    async def write(self) -> None:
        """Write what is new at once, and all of it before it is too old to be believed, as long as it is `ours` to
        tell: whoever was suspended must not put what was true then over what is true now."""
        while True:
            try:
                async with asyncio.timeout(self._limit_s / 3):
                    await self._some.wait()
            except TimeoutError:
                self._news = set(self._signs)
            self._some.clear()
            news, self._news = self._news, set()
            try:
                if not await self._ours():
                    return
                for resource in sorted(news):
                    sign = self._signs.get(resource)
                    data = b"" if sign is None else codec.encode(sign)
                    await force(self._bus, subjects.RESOURCES, subjects.outside_key(resource), data)
            except MessagingError as error:
                log.warning("signs_not_written", reason=str(error))
                await asyncio.sleep(_RETRY_S)
                self._news |= news
                self._some.set()

    def _tell(self, resource: str) -> None:
        self._news.add(resource)
        self._some.set()
