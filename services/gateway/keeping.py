"""Writing what was heard to Postgres, as soon as Postgres takes it, without holding up whoever hears it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, NoReturn, TypeVar

import structlog

from .store.database import Database, DatabaseUnreachable

log = structlog.get_logger()

RETRY_S = 1.0
MOST_AT_ONCE = 2000

T = TypeVar("T")


class Keeper(Generic[T]):
    """Keeps the newest value of each key: what waits is never more than there are keys."""

    def __init__(self, database: Database, write: Callable[[Database, Mapping[str, T]], Awaitable[None]]) -> None:
        self._database = database
        self._write = write
        self._waiting: dict[str, T] = {}
        self._more = asyncio.Event()

    def keep(self, values: Mapping[str, T]) -> None:
        """These are the newest values."""
        self._waiting.update(values)
        self._more.set()

    async def run(self) -> NoReturn:
        """Write what waits, for ever."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                await self._write_some()

    async def _write_some(self) -> None:
        some = dict(list(self._waiting.items())[:MOST_AT_ONCE])
        try:
            await self._write(self._database, some)
        except DatabaseUnreachable as error:
            log.info("catalogue_waits_for_database", reason=str(error))
            await asyncio.sleep(RETRY_S)
            return
        for key, value in some.items():
            if self._waiting.get(key) is value:
                del self._waiting[key]
