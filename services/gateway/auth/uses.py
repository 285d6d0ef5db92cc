"""When API tokens were last used: noted at once, written behind the requests' backs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import NoReturn

import structlog

from ..store import tokens
from ..store.database import Database, DatabaseUnreachable

log = structlog.get_logger()

PAUSE_S = 60.0


class Uses:
    """The last use of each token. After a use in quiet times it is written at once, then for a minute not again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unwritten: dict[bytes, datetime] = {}
        self._noted = asyncio.Event()

    def note(self, key: bytes, now: datetime) -> None:
        """The token with this key is used now."""
        self._unwritten[key] = now
        self._noted.set()

    async def run(self) -> NoReturn:
        """Write what is noted, for ever."""
        while True:
            await self._noted.wait()
            await self.write()
            await asyncio.sleep(PAUSE_S)

    async def write(self) -> None:
        """Write what is noted; what Postgres does not take now waits for the next time."""
        self._noted.clear()
        uses, self._unwritten = self._unwritten, {}
        if not uses:
            return
        try:
            await tokens.note_uses(self._database, uses)
        except DatabaseUnreachable:
            log.info("token_uses_wait", tokens=len(uses))
            self._unwritten = uses | self._unwritten
            self._noted.set()
