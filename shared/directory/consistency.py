"""The door to what contradicts itself in the directory."""

from __future__ import annotations

import asyncpg

from . import oddities
from .connections import alone
from .oddities import LOOKS
from .oddityrecords import Oddity

MENDABLE = frozenset(kind for kind, look in LOOKS.items() if look.mend)
"""The kinds that can be mended without asking a person."""


class Consistency:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def found(self, most: int) -> list[Oddity]:
        """All that is odd, kind by kind, as of one moment; at most so many."""
        odd: list[Oddity] = []
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            for kind in LOOKS:
                odd += await oddities.found(connection, kind, most - len(odd))
        return odd

    async def mend(self, oddity: Oddity) -> bool:
        """Mend it, in a transaction of its own; False: it is not odd any more, or a person has to look at it."""
        async with self._pool.acquire() as connection, connection.transaction():
            # What a sync is about to write must not be taken for a contradiction in the midst of it.
            await alone(connection)
            return await oddities.mend(connection, oddity)
