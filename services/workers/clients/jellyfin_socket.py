"""Jellyfin's web socket, as far as it tells of scheduled tasks. It leaves out hidden ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct

from shared.outside.errors import Malformed, Unreachable

from .jellyfin_requests import JellyfinRequests
from .jellyfin_tasks import Task, tasks_in

_KEEP_ALIVE_S = 30.0
_EVERY_MS = 1000


class _Said(Struct, rename="pascal"):
    message_type: str
    data: Any = None


async def task_news(requests: JellyfinRequests) -> AsyncIterator[list[Task]]:
    """The tasks whenever one of them begins, gets on or ends, until the connection is lost: that is an OutsideError."""
    async with requests.socket() as socket:
        await _say(socket, "ScheduledTasksInfoStart", f"0,{_EVERY_MS}")
        keep_alive_s = _KEEP_ALIVE_S
        while True:
            try:
                async with asyncio.timeout(keep_alive_s):
                    said = _read(requests.who, await socket.receive())
            except TimeoutError:
                await _say(socket, "KeepAlive")
                continue
            if said.message_type == "ScheduledTasksInfo":
                yield tasks_in(requests.who, said.data)
            elif said.message_type == "ForceKeepAlive":
                # It gives up whoever has been silent for so many seconds.
                keep_alive_s = max(1.0, said.data / 2) if isinstance(said.data, int) else _KEEP_ALIVE_S
                await _say(socket, "KeepAlive")


def _read(who: str, message: aiohttp.WSMessage) -> _Said:
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise Unreachable(f"{who} has closed its web socket")
    try:
        return msgspec.json.decode(message.data, type=_Said)
    except msgspec.DecodeError:
        raise Malformed(f"{who} said something on its web socket that is not Jellyfin's") from None


async def _say(socket: aiohttp.ClientWebSocketResponse, kind: str, data: str | None = None) -> None:
    content = {"MessageType": kind} if data is None else {"MessageType": kind, "Data": data}
    try:
        await socket.send_str(msgspec.json.encode(content).decode())
    except ConnectionError:
        raise Unreachable("the web socket is closed") from None
