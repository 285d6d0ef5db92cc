"""A TCP proxy of our own between a service and a server, that can be cut, fall silent, or become slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]

CHUNK = 16 * 1024


class Link:
    """Listens at `port` on this machine, and joins whoever comes with what `far_end` opens."""

    def __init__(self, far_end: Callable[[], Awaitable[Ends]]) -> None:
        self.port = 0
        self._far_end = far_end
        self._writers: set[asyncio.StreamWriter] = set()
        self._whole = True
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._delay_s = 0.0
        self._bytes_a_second = 0.0

    def cut(self) -> None:
        """Reset all connections, and every one that comes."""
        self._whole = False
        for writer in self._writers:
            writer.transport.abort()

    def silence(self) -> None:
        """Carry nothing on; connections stay open, and nobody is told."""
        self._speaks.clear()

    def slow(self, delay_s: float, bytes_a_second: float) -> None:
        """Carry each piece on after a delay, and no more than so much."""
        self._delay_s, self._bytes_a_second = delay_s, bytes_a_second

    def mend(self) -> None:
        """As good as new."""
        self._whole = True
        self._speaks.set()
        self._delay_s = self._bytes_a_second = 0.0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Accept connections while the block lasts."""
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            self.mend()
            for writer in self._writers:
                writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._whole:
                await self._carry((reader, writer))
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _carry(self, near: Ends) -> None:
        try:
            far = await self._far_end()
        except OSError:
            return
        self._writers.add(far[1])
        try:
            # Whichever way ends first ends the other: both servers take a half-closed connection for a closed one.
            ways = [
                asyncio.ensure_future(self._pump(near[0], far[1])),
                asyncio.ensure_future(self._pump(far[0], near[1])),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.wait(ways)
        finally:
            self._writers.discard(far[1])
            far[1].transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._speaks.wait()
                if self._delay_s:
                    await asyncio.sleep(self._delay_s + len(data) / self._bytes_a_second)
                writer.write(data)
                await writer.drain()


def tcp(host: str, port: Callable[[], int]) -> Callable[[], Awaitable[Ends]]:
    """A far end that listens on TCP; its port is asked for each time."""
    return lambda: asyncio.open_connection(host, port())


def unix(path: str) -> Callable[[], Awaitable[Ends]]:
    """A far end that listens on a socket in the file system."""
    return lambda: asyncio.open_unix_connection(path)
