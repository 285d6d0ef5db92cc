"""TLS in front of a PostgreSQL that was built without it, as its protocol has it (its documentation, 54.2.10)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.support.servers import postgres_at, socket_of

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
CHUNK = 65536  # bytes


class Door:
    """Where it is reached."""

    def __init__(self, port: int) -> None:
        self._port = port

    def url(self, **parameters: str) -> str:
        """The database over TCP, with these parameters of libpq."""
        given = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"{postgres_at(self._port)}?{given}"


@asynccontextmanager
async def tls_before(url: str, certificate: ssl.SSLContext | None) -> AsyncIterator[Door]:
    """A door to the server with the socket in `url`. Without a certificate it declines TLS, and lets nobody in."""
    socket = socket_of(url)

    async def let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST:
                writer.write(b"S" if certificate else b"N")
                await writer.drain()
                if certificate:
                    await writer.start_tls(certificate)
                    await _joined(reader, writer, socket)
        writer.close()

    server = await asyncio.start_server(let_in, "127.0.0.1", 0)
    async with server:
        yield Door(server.sockets[0].getsockname()[1])
        server.close()


async def _joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, socket: str) -> None:
    inner_reader, inner_writer = await asyncio.open_unix_connection(socket)
    try:
        ways = [
            asyncio.ensure_future(_carried(reader, inner_writer)),
            asyncio.ensure_future(_carried(inner_reader, writer)),
        ]
        _, waiting = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in waiting:
            way.cancel()
    finally:
        inner_writer.close()


async def _carried(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK):
            target.write(data)
            await target.drain()
