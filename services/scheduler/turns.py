"""Who writes the tick log when: several turns side by side, or somebody who has it alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class Turns:
    """Fewer than `most` are under way when one more begins. Whoever asks first comes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._door = asyncio.Lock()
        self._under_way = 0
        self._one_ended = asyncio.Event()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Meanwhile no turn is under way, and none begins."""
        async with self._door:
            await self._until_at_most(0)
            yield

    @asynccontextmanager
    async def room(self) -> AsyncIterator[None]:
        """Meanwhile nobody has the log alone, and turns may begin."""
        async with self._door:
            await self._until_at_most(self._most - 1)
            yield

    def begun(self, turn: asyncio.Task[Any]) -> None:
        """This is a turn, until it ends."""
        self._under_way += 1
        turn.add_done_callback(self._ended)

    def _ended(self, _: asyncio.Task[Any]) -> None:
        self._under_way -= 1
        self._one_ended.set()

    async def _until_at_most(self, count: int) -> None:
        while self._under_way > count:
            self._one_ended.clear()
            await self._one_ended.wait()
