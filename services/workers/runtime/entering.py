"""Taking resources for a run: it waits until they are free inside and outside and the time is right, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.contracts.resources import is_resource, streams_beside
from shared.contracts.subjects import outside_key
from shared.messaging import MessagingError
from shared.runtime.clock import utc_now
from shared.timing.quiet import Quiet, awaited

from ..door import Held, Look, ResourceBusy
from . import rules_resources as rules
from .holdings import Hold, Holdings

if TYPE_CHECKING:
    from .live import LiveRun

_LOOK_S = 0.5
_BELIEVED_S = 5.0


class QuietBook(Struct, frozen=True, kw_only=True):
    """What people have set about quiet, by job; hours are those of `zone`."""

    read: Callable[[], Awaitable[Mapping[str, Quiet]]]
    zone: ZoneInfo


class Entrance(Struct, frozen=True):
    """Where the runs of one worker get what they want to hold. Without a book none waits for quiet."""

    holdings: Holdings
    book: QuietBook | None = None

    @asynccontextmanager
    async def entered(self, live: LiveRun, whats: Mapping[str, str], look: Look | None = None) -> AsyncIterator[Held]:
        """All of `whats` (resource: what it is in words) is held while the block lasts. Raises `ResourceBusy`."""
        entry = _Entry(live, self, whats, look)
        try:
            await entry.wait()
            yield entry
        finally:
            await entry.leave()


class _Entry:
    """The way of one run to what it wants to hold; afterwards the `Held` of its handler."""

    def __init__(self, live: LiveRun, entrance: Entrance, whats: Mapping[str, str], look: Look | None) -> None:
        if strange := [name for name in whats if not is_resource(name)]:
            raise ValueError(f"{strange[0]!r} is no name of a resource: use words of a-z, 0-9, _ and -, with dots")
        self._live = live
        self._holdings = entrance.holdings
        self._book = entrance.book
        self._whats = dict(sorted(whats.items()))
        self._look = look
        self._noise = _Slow(self._is_noisy)
        self._busy = _Slow(self._looks_busy)
        self._hold = Hold(live.id, live.job, self._whats, live.lose)

    async def wait(self) -> None:
        """Take all of it, or raise `ResourceBusy` when the job's patience is at its end."""
        patience_s = self._live.definition.spec.patience_s
        until = monotonic() + patience_s
        told = ""
        with self._live.unhurried():
            while reason := await self._why_not():
                if monotonic() >= until:
                    raise ResourceBusy(rules.in_vain(reason, patience_s))
                if reason != told:
                    self._tell(reason, first=not told)
                    told = reason
                await asyncio.sleep(_LOOK_S)
        if told:
            self._live.progress(None)

    async def check(self) -> None:
        """See `Held`."""
        try:
            reason = await self._holdings.confirm(self._hold) or await self._outside() or await self._looks_busy()
        except MessagingError as error:
            reason = f"NATS can't confirm that {', '.join(self._whats.values())} is still held: {error}"
        if reason:
            raise ResourceBusy(reason, begun=True)

    async def leave(self) -> None:
        """Let others have it."""
        await self._holdings.release(self._hold)

    async def _why_not(self) -> str:
        """Why it has to wait; "" once all is taken. What costs more is asked when nothing else is in the way."""
        try:
            return (
                await self._outside()
                or await self._holdings.look(self._hold)
                or await self._noise.reason()
                or await self._busy.reason()
                or await self._holdings.take(self._hold)
            )
        except MessagingError as error:
            return f"NATS: {error}"

    async def _outside(self) -> str:
        for resource in self._whats:
            if reason := rules.outside((await self._holdings.read(outside_key(resource))).data):
                return reason
        return ""

    async def _looks_busy(self) -> str:
        found = await self._look() if self._look else None
        return rules.occupied(found) if found else ""

    async def _is_noisy(self) -> str:
        """What is not quiet, as far as the job waits for it."""
        if self._book is None or not self._live.definition.spec.quiet:
            return ""
        quiet = (await self._book.read()).get(self._live.job, Quiet())
        if reason := awaited(quiet, self._book.zone, utc_now()):
            return reason
        if not quiet.nobody_streaming:
            return ""
        for streams in filter(None, map(streams_beside, self._whats)):
            if reason := rules.streaming((await self._holdings.read(outside_key(streams))).data):
                return reason
        return ""

    def _tell(self, reason: str, *, first: bool) -> None:
        self._live.progress(None, f"waiting: {reason}")
        if first:
            self._live.log(f"waiting: {reason}")


class _Slow:
    """A question that is not for NATS: that there is a reason is believed for a while, that there is none never is."""

    def __init__(self, ask: Callable[[], Awaitable[str]]) -> None:
        self._ask = ask
        self._reason = ""
        self._until = 0.0

    async def reason(self) -> str:
        """Why not; "" for no reason."""
        if not self._reason or monotonic() > self._until:
            self._reason, self._until = await self._ask(), monotonic() + _BELIEVED_S
        return self._reason
