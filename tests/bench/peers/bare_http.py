"""The barest aiohttp server: one JSON answer, and a broadcast to all event streams.

As a process: `python -m tests.bench.peers.bare_http`.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec
import uvloop
from aiohttp import web

from tests.support.processes import Process

from ..house import House

_encode = msgspec.json.Encoder().encode


async def start(house: House) -> tuple[Process, str]:
    """The process, and its address."""
    process = house.services["bare"] = house.processes.python("-m", __name__)
    return process, (await process.line(r"listens on (\S+)"))[1]


class _Server:
    def __init__(self) -> None:
        self._streams: list[web.StreamResponse] = []
        self._ended = asyncio.Event()

    async def job(self, request: web.Request) -> web.Response:
        answer = {"name": "job", "status": "idle", "recent": [{"outcome": "succeeded", "duration_ms": 1}] * 10}
        return web.Response(body=_encode(answer), content_type="application/json")

    async def listen(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self._streams.append(response)
        await self._ended.wait()
        return response

    async def say(self, request: web.Request) -> web.Response:
        data = await request.read()
        frame = b"event: job\ndata: " + data + b"\n\n"
        for stream in self._streams:
            await stream.write(frame)
        return web.Response()


async def _main() -> None:
    server = _Server()
    app = web.Application()
    app.add_routes([web.get("/job", server.job), web.get("/sse", server.listen), web.post("/say", server.say)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    sys.stdout.write(f"listens on http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_main())
