"""The outside world, as far as effects go: an HTTP server that takes each effect under a key, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class Sink:
    """An effect that it knows by its key is done already, and is not done again.

    `asked` says how often each was asked for. With `loses_answers` it does what it is asked, and does not say so.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.loses_answers = False
        self.url = ""

    @property
    def again(self) -> int:
        """How often an effect was asked for that was done already."""
        return self.asked.total() - len(self.asked)

    async def _put(self, request: web.Request) -> web.Response:
        self.asked[request.match_info["key"]] += 1
        if self.loses_answers and request.transport is not None:
            request.transport.abort()
        return web.Response(status=204)


@asynccontextmanager
async def open_sink() -> AsyncIterator[Sink]:
    """A sink that listens on a free port."""
    sink = Sink()
    app = web.Application()
    app.router.add_put("/effects/{key}", sink._put)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        sink.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield sink
    finally:
        await runner.cleanup()
