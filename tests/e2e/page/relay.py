"""An address that stays while the gateway behind it dies and another takes its place, as a load balancer's does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

PIECE = 65_536


class Relay:
    """Passes bytes on to `target`, a port of this machine; 0 refuses everybody."""

    def __init__(self) -> None:
        self.port = 0
        self.target = 0
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """End all connections, and refuse new ones until there is a target again."""
        self.target = 0
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a browser."""
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, inner_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(_pass_on(reader, inner_writer))
                ways.create_task(_pass_on(inner_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.close()


@asynccontextmanager
async def relay() -> AsyncIterator[Relay]:
    """A relay on a free port, without a target yet."""
    made = Relay()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        made.cut()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()
