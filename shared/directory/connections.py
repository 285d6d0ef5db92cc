"""What is true of connections, whatever is asked of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .servers import Connection

# Two servers that show the same plex.tv user at once must not make two people, and what a look at one account gave must
# not come between what a sync compares and what it writes.
ALONE = "SELECT pg_advisory_xact_lock(hashtext('media.observe'))"


async def alone(connection: Connection) -> None:
    """Let nobody else write what was seen of servers, until the transaction ends."""
    await connection.execute(ALONE)


class Lone:
    """Gives out one connection, again and again, to one task at a time.

    What is done through it belongs to the transaction that it is in, if it is in one.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """The connection; it is not given back."""
        yield self._connection
