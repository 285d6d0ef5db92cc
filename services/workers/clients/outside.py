"""The gate before one server: every request to it goes through here, in turn, again if that may help, or not at all."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Protocol, TypeVar

from shared.outside.errors import OutsideError, Unreachable

from . import rules
from .calls import Calls
from .rules import Manners, Standing

T = TypeVar("T")


class Clock(Protocol):
    """A monotonic clock, in seconds."""

    def now(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class MonotonicClock:
    """The machine's."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        await asyncio.sleep(seconds)


class Gate:
    """The way to one server, named for messages. All who ask it share one gate, so that together they keep its pace."""

    def __init__(
        self,
        who: str,
        manners: Manners,
        *,
        calls: Calls | None = None,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.who = who
        self.manners = manners
        self._clock = clock or MonotonicClock()
        self._chance = chance
        self._standing = Standing()
        self._calls = calls
        if calls is not None:
            calls.show_rest(lambda: self._clock.now() < self._standing.cool_until)

    async def read(self, ask: Callable[[], Awaitable[T]], *, answers: int = 1) -> T:
        """What `ask` gives: one request, or up to `answers` of them, that change nothing outside and may be made again.

        OutsideError: its last one, or Unreachable at once while the server is left alone.
        """
        tries = 0
        while True:
            await self._turn()
            tries += 1
            try:
                return await self._once(ask, self.manners.patience * answers)
            except OutsideError as error:
                delay = rules.pause(self.manners, tries, self._chance(), error.retry_after)
                if not error.transient or delay is None:
                    raise
            await self._clock.sleep(delay)

    async def write(self, ask: Callable[[], Awaitable[T]], landed: Callable[[], Awaitable[bool]]) -> T | None:
        """What `ask` gives: one request that changes something outside. None: its answer was lost, but it took effect.

        After trouble that may pass, nobody knows whether it did: `landed` looks (through `read`), and only if it did
        not is the request made again. OutsideError: its last one, or one of `landed`.
        """
        tries, unsure = 0, False
        while True:
            await self._turn()
            tries += 1
            try:
                return await self._once(ask, self.manners.patience)
            except OutsideError as error:
                failure = error
            unsure = unsure or failure.transient
            if not unsure:
                raise failure
            delay = rules.pause(self.manners, tries, self._chance(), failure.retry_after)
            await self._clock.sleep(delay or 0.0)
            if await landed():
                return None
            if delay is None or not failure.transient:
                raise failure

    async def _turn(self) -> None:
        now = self._clock.now()
        if now < self._standing.cool_until:
            left = self._standing.cool_until - now
            raise Unreachable(
                f"{self.who} did not answer {self._standing.failures} times and is left alone for {left:.0f} s"
            )
        self._standing, turn = rules.booked(self._standing, self.manners, now)
        if turn > now:
            await self._clock.sleep(turn - now)

    async def _once(self, ask: Callable[[], Awaitable[T]], patience: float) -> T:
        with nullcontext() if self._calls is None else self._calls.one():
            return await self._answer(ask, patience)

    async def _answer(self, ask: Callable[[], Awaitable[T]], patience: float) -> T:
        try:
            async with asyncio.timeout(patience):
                answer = await ask()
        except TimeoutError:
            self._standing = rules.failed(self._standing, self.manners, self._clock.now())
            raise Unreachable(f"{self.who} did not answer within {patience:g} s") from None
        except Unreachable:
            self._standing = rules.failed(self._standing, self.manners, self._clock.now())
            raise
        except OutsideError:
            self._standing = rules.answered(self._standing)
            raise
        self._standing = rules.answered(self._standing)
        return answer
