"""Jellyfin's web socket: it tells of scheduled tasks while they run."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from aiohttp import WSMsgType, web

from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import problem
from tests.simulators.jellyfin_task_pages import TaskPages

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer

KEEP_ALIVE_S = 60
"""How long a client may be silent (SessionWebSocketListener.WebSocketLostTimeout)."""


class Inbound(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a client says."""

    message_type: str
    data: str | None = None


@dataclass(eq=False)
class Connection:
    """One client, and what it wants to hear."""

    socket: web.WebSocketResponse
    request: web.Request
    interval_s: float | None = None
    """How far apart messages of progress are at least; None: it does not want to hear of tasks."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    told_at: float = 0.0

    def hear(self, turn: bool) -> None:
        """Of a change of the tasks: a beginning and an end are always told, progress only now and then."""
        if self.interval_s is not None and (turn or time.monotonic() - self.told_at >= self.interval_s):
            self.news.set()

    async def say(self, kind: str, **more: object) -> None:
        """Send a message; a client that has gone meanwhile hears nothing."""
        content = {"MessageType": kind, "MessageId": uuid.uuid4().hex} | more
        with suppress(ConnectionError):
            await self.socket.send_str(msgspec.json.encode(content).decode())


class Socket:
    """The page /socket. Nothing is told at the start: only a change is (BasePeriodicWebSocketListener)."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._tasks = TaskPages(server)
        self.connections: set[Connection] = set()
        self.kept_alive = 0
        """How many KeepAlive messages have come in."""

    def routes(self) -> Iterable[Route]:
        """One."""
        return [("GET", "/socket", self._open)]

    @property
    def listeners(self) -> int:
        """How many clients want to hear of tasks."""
        return sum(connection.interval_s is not None for connection in self.connections)

    def drop(self) -> None:
        """Cut all connections without a word."""
        for connection in self.connections:
            if connection.request.transport is not None:
                connection.request.transport.abort()

    async def _open(self, call: Call) -> web.StreamResponse:
        # Not the usual 401: whoever comes without a token is turned away by a SecurityException.
        if self._server.holder(call) is None:
            raise problem(403, "Forbidden")
        socket = web.WebSocketResponse()
        await socket.prepare(call.request)
        connection = Connection(socket, call.request)
        self.connections.add(connection)
        self._server.state.tasks.watchers.add(connection.hear)
        try:
            async with asyncio.TaskGroup() as group:
                teller = group.create_task(self._tell(connection))
                await self._listen(connection)
                teller.cancel()
        finally:
            self._server.state.tasks.watchers.discard(connection.hear)
            self.connections.discard(connection)
        return socket

    async def _listen(self, connection: Connection) -> None:
        await connection.say("ForceKeepAlive", Data=KEEP_ALIVE_S)
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                said = msgspec.json.decode(message.data, type=Inbound)
            except msgspec.DecodeError:
                continue
            await self._heed(connection, said)

    async def _heed(self, connection: Connection, said: Inbound) -> None:
        match said.message_type:
            case "KeepAlive":
                self.kept_alive += 1
                await connection.say("KeepAlive")
            case "ScheduledTasksInfoStart":
                _, _, period_ms = (said.data or "").partition(",")
                if period_ms.isdecimal():
                    connection.interval_s = int(period_ms) / 1000
            case "ScheduledTasksInfoStop":
                connection.interval_s = None

    async def _tell(self, connection: Connection) -> None:
        while True:
            await connection.news.wait()
            connection.news.clear()
            connection.told_at = time.monotonic()
            await connection.say("ScheduledTasksInfo", Data=self._tasks.infos(hidden=False))
