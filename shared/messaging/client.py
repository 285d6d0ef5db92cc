"""The client library, with a short way in for what it receives: from the parser straight to whoever subscribed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from nats.aio.client import PING_PROTO, Client
from nats.aio.transport import TcpTransport
from nats.errors import Error as NatsError

from shared.runtime.cancellation import keep_cancellations

from .message import Message

keep_cancellations()

Sink = Callable[[Message], None]

_CLOSE_S = 2.0


class SpeaksNoTls(NatsError):
    """We are to speak TLS, and the server does not offer it: somebody may be in between."""


class DirectClient(Client):
    """Hands messages to the sink of their subscription (`sinks`, by subscription id), in the order of arrival.

    The library's own way builds a larger message, counts it, and passes it through a queue: several times what all the
    rest of receiving costs. A stored message brings back the headers it was written with, which nobody reads: headers
    are parsed only where the server says something by them (a status).
    """

    def __init__(self) -> None:
        super().__init__()
        self.sinks: dict[int, Sink] = {}

    async def close(self) -> None:
        """Close. What the server does not take within two seconds it never gets: one that hangs must not hold us up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await super().close()
        if isinstance(self._transport, TcpTransport) and self._transport._io_writer:
            self._transport._io_writer.transport.abort()

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        # The library itself would go on without, and show its password.
        server = self._current_server
        wanted = "tls" in self.options or (server is not None and server.uri.scheme == "tls")
        if initial_connection and wanted and not info.get("tls_required"):
            raise SpeaksNoTls("it does not speak TLS")
        await super()._process_info(info, initial_connection)

    async def _send_ping(self, future: asyncio.Future[bool] | None = None) -> None:
        # The library's own overtakes what waits to be written: its answer would not say that a subscription is known.
        self._pongs.append(future or asyncio.get_running_loop().create_future())
        await self._send_command(PING_PROTO)
        await self._flush_pending()

    async def _process_pong(self) -> None:
        # Who waited for it may have gone: the library's own would fail, and with it the reader of the connection.
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> None:
        sink = self.sinks.get(sid)
        if sink is None:
            # Of a subscription that has just ended.
            return
        status = None
        if headers is not None and not headers.startswith(b"NATS/1.0\r\n"):
            status = await self._process_headers(headers)
        # NATS takes a subject that is not UTF-8 from anybody: an error here would end the connection's reader for good.
        sink(Message(subject.decode("utf-8", "replace"), data, reply.decode("utf-8", "replace"), status))


class Inbox:
    """What has arrived on a subscription and was not taken yet. `wake()` ends a wait without a message."""

    def __init__(self) -> None:
        self._arrived: list[Message | None] = []
        self._some = asyncio.Event()

    def put(self, message: Message | None) -> None:
        """The sink of the subscription."""
        self._arrived.append(message)
        self._some.set()

    def wake(self) -> None:
        """End the present wait, or the next one."""
        self.put(None)

    async def take(self) -> list[Message | None]:
        """All that is there, at least one; None stands for a wake."""
        await self._some.wait()
        self._some.clear()
        arrived, self._arrived = self._arrived, []
        return arrived
