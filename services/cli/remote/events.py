"""Reading Server-Sent Events (WHATWG HTML, 9.2), again and again until there is nothing more to hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import aiohttp

from .api import Api
from .errors import NotReachable

RETRY_S = 2.0


class Event(NamedTuple):
    name: str
    data: bytes
    id: str


async def events(stream: aiohttp.StreamReader) -> AsyncIterator[Event]:
    """The events until the stream ends. NotReachable: it broke off."""
    name, id, data = "message", "", b""
    async for line in _lines(stream):
        field, _, value = line.partition(b": ")
        if field == b"event":
            name = value.decode()
        elif field == b"id":
            id = value.decode()
        elif field == b"data":
            data += value
        elif not line and data:
            yield Event(name, data, id)
            name, data = "message", b""


async def follow(api: Api, path: str, lost: Callable[[str], None]) -> AsyncIterator[Event]:
    """The events of a stream for ever: when it ends or breaks off it is opened anew where it stopped; `lost` is told.

    RemoteError at the first try, and whenever we are refused.
    """
    last_id, heard = "", False
    while True:
        try:
            async with api.stream(path, last_id) as stream:
                heard = True
                async for event in events(stream):
                    last_id = event.id or last_id
                    yield event
            lost("the gateway ended the stream")
        except NotReachable as error:
            if not heard:
                raise
            lost(str(error))
        await asyncio.sleep(RETRY_S)


async def _lines(stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """The lines, of any length: a snapshot of many jobs is one."""
    begun: list[bytes] = []
    try:
        while chunk := await stream.readany():
            *ended, rest = chunk.split(b"\n")
            for line in ended:
                yield b"".join([*begun, line]).rstrip(b"\r")
                begun.clear()
            begun.append(rest)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NotReachable("the event stream broke off") from error
