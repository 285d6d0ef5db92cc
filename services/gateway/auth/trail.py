"""The audit trail: written at once, or as soon as Postgres is back."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NoReturn

import structlog

from ..store import audit
from ..store.audit import Deed
from ..store.database import Database, DatabaseUnreachable

log = structlog.get_logger()

MOST_WAITING = 1000
RETRY_S = 1.0


class Trail:
    """Keeps what people did. While Postgres is away up to `MOST_WAITING` deeds wait here; then `full` refuses more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Deed] = deque()
        self._some_wait = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether no more changes can be taken, because they could not be recorded."""
        return len(self._waiting) >= MOST_WAITING

    async def write(self, deed: Deed) -> None:
        """Record a deed."""
        if not self._waiting:
            try:
                await audit.write(self._database, deed)
                return
            except DatabaseUnreachable:
                log.warning("audit_waits", action=deed.action, target=deed.target)
        self._waiting.append(deed)
        self._some_wait.set()

    async def run(self) -> NoReturn:
        """Write what waits, for ever."""
        while True:
            await self._some_wait.wait()
            await asyncio.sleep(RETRY_S)
            await self.drain()

    async def drain(self) -> None:
        """Write what waits, as far as Postgres takes it."""
        while self._waiting:
            try:
                await audit.write(self._database, self._waiting[0])
            except DatabaseUnreachable:
                return
            self._waiting.popleft()
        self._some_wait.clear()
