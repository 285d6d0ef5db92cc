"""A mail server that takes whatever comes as fast as it comes, and counts."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from tests.support.waiting import wait_until


class MailSink(asyncio.Protocol):
    """One connection. It speaks as much SMTP as a client needs that trusts it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._in_message = False
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's are no subclass of it
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._next():
            pass

    def _next(self) -> bool:
        end = b"\r\n.\r\n" if self._in_message else b"\r\n"
        content, found, rest = self._buffer.partition(end)
        if not found:
            return False
        self._buffer = rest
        if self._in_message:
            self._in_message = False
            self._sink.take()
            self._transport.write(b"250 taken\r\n")
        else:
            self._answer(content)
        return True

    def _answer(self, command: bytes) -> None:
        verb = command[:4].upper()
        if verb == b"RCPT":
            self._sink.recipients.add(command)
        self._in_message = verb == b"DATA"
        self._transport.write(b"354 go on\r\n" if self._in_message else b"250 sink\r\n")


class Sink:
    """`recipients`: all that were named; `taken`: messages, the first and the last of them at these seconds."""

    def __init__(self) -> None:
        self.port = 0
        self.taken = 0
        self.first_at = self.last_at = 0.0
        self.recipients: set[bytes] = set()

    async def open(self) -> asyncio.Server:
        """Listen."""
        server = await asyncio.get_running_loop().create_server(lambda: MailSink(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def take(self) -> None:
        """One more message."""
        self.last_at = time.perf_counter()
        self.first_at = self.first_at or self.last_at
        self.taken += 1

    async def full(self, count: int, timeout: float) -> None:
        """Wait until so many messages have been taken."""
        await wait_until(lambda: self.taken >= count, timeout, what=f"{count} messages")
