"""A program that hooks tell of runs: it keeps what it gets, and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from tests.support.waiting import wait_until


class Got(NamedTuple):
    """A message, as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def delivery(self) -> str:
        return self.headers["X-Showrunner-Delivery"]

    @property
    def event(self) -> str:
        return self.headers["X-Showrunner-Event"]


class HookReceiver:
    """`status` and `answer` are what it answers with from now on; while it is `mute` it does not answer."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.status = 200
        self.answer = "thank you"
        self.headers: dict[str, str] = {}
        self.url = ""
        self._speaks = asyncio.Event()
        self._speaks.set()

    def mute(self) -> None:
        self._speaks.clear()

    def speak(self) -> None:
        self._speaks.set()

    async def wait_for(self, count: int) -> list[Got]:
        """All that it got, once that is so many."""

        def enough() -> list[Got] | None:
            return self.got if len(self.got) >= count else None

        return list(await wait_until(enough, what=f"{count} messages"))

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append(Got(dict(request.headers), await request.read()))
        await self._speaks.wait()
        return web.Response(status=self.status, text=self.answer, headers=self.headers)


@asynccontextmanager
async def hook_receiver() -> AsyncIterator[HookReceiver]:
    """A receiver that listens on a free port."""
    receiver = HookReceiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver._take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/told"
        yield receiver
    finally:
        receiver.speak()
        await runner.cleanup()
