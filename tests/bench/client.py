"""A client of the gateway with a session: calls, and the live feed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import ClientSession, ClientTimeout, CookieJar

ACCOUNT = "admin"


@asynccontextmanager
async def logged_in(url: str, password: str) -> AsyncIterator[ClientSession]:
    """A session of the administrator."""
    async with ClientSession(url, cookie_jar=CookieJar(unsafe=True), timeout=ClientTimeout(total=30)) as client:
        async with client.post("/api/session", json={"account": ACCOUNT, "password": password}) as answer:
            answer.raise_for_status()
        yield client


def cookie_of(client: ClientSession) -> str:
    """The value of the header `Cookie` of this session's requests."""
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in client.cookie_jar)


async def events(client: ClientSession) -> AsyncIterator[tuple[str, Any]]:
    """Name and decoded data of the events of the live feed, the snapshot first, for ever."""
    async with client.get("/api/jobs/sse", timeout=ClientTimeout(total=None), read_bufsize=2**24) as answer:
        answer.raise_for_status()
        name = ""
        async for line in answer.content:
            if line.startswith(b"event: "):
                name = line[7:-1].decode()
            elif line.startswith(b"data: "):
                yield name, msgspec.json.decode(line[6:])


async def listen_idly(client: ClientSession) -> None:
    """Take the live feed as it comes and look at nothing, for ever: somebody who watches, at no cost to the figure."""
    async with client.get("/api/jobs/sse", timeout=ClientTimeout(total=None)) as answer:
        answer.raise_for_status()
        async for _ in answer.content.iter_any():
            pass
