"""GET /api/jobs/{name} with a session: requests a second that one core answers."""

from __future__ import annotations

import asyncio
import os
from typing import cast
from urllib.parse import urlsplit

from tests.support.waiting import wait_until

from .client import cookie_of, logged_in
from .house import open_house
from .jobs import job_name
from .machine import processor_seconds
from .peers import bare_http
from .readings import Reading

LIMIT = 8_000
CONNECTIONS = 32
JOBS = 20


async def measure(quick: bool) -> list[Reading]:
    """The server has one core to itself, whoever asks has the others."""
    window_s = 3.0 if quick else 8.0
    async with open_house() as house:
        address = await house.gateway()
        house.scheduler()
        house.worker("by_hand", JOBS)
        async with logged_in(address, house.password) as client:

            async def listed() -> bool:
                async with client.get(f"/api/jobs/{job_name(1)}") as answer:
                    return answer.status == 200

            await wait_until(listed, 30, what="the job in the API")
            gateway = house.services["gateway"].pid
            ours = await _requests(address, f"/api/jobs/{job_name(1)}", cookie_of(client), gateway, window_s)
        bare, bare_address = await bare_http.start(house)
        peer = await _requests(bare_address, "/job", "", bare.pid, window_s)
    return [
        Reading(
            figure="GET /api/jobs/{name}, requests a second on one core",
            value=ours,
            unit="/s",
            limit=LIMIT,
            more=True,
            peer="bare aiohttp",
            peer_value=peer,
            note="answers by processor second of the server, which was kept busy",
        )
    ]


async def _requests(address: str, path: str, cookie: str, server: int, window_s: float) -> float:
    """Answers by processor second of the server."""
    host, port = urlsplit(address).hostname or "", urlsplit(address).port or 0
    head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
    core, *others = sorted(os.sched_getaffinity(0))
    for thread in os.listdir(f"/proc/{server}/task"):
        os.sched_setaffinity(int(thread), {core})
    os.sched_setaffinity(0, set(others) or {core})
    try:
        return await _asked(host, port, head.encode(), server, window_s)
    finally:
        os.sched_setaffinity(0, {core, *others})


async def _asked(host: str, port: int, request: bytes, server: int, window_s: float) -> float:
    loop = asyncio.get_running_loop()
    askers = [_Asker(request) for _ in range(CONNECTIONS)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, host, port)  # type: ignore[misc]
    await asyncio.sleep(1)
    answers, spent = _Asker.total(askers), processor_seconds([server])
    await asyncio.sleep(window_s)
    answers, spent = _Asker.total(askers) - answers, processor_seconds([server]) - spent
    for asker in askers:
        asker.close()
    return answers / spent


class _Asker(asyncio.Protocol):
    """Asks again as soon as it has an answer. Answers are small: each comes in one piece."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._transport: asyncio.Transport | None = None
        self.answers = 0

    @staticmethod
    def total(askers: list[_Asker]) -> int:
        return sum(asker.answers for asker in askers)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/1.1 200"):
            raise AssertionError(f"the server answered {data[:80]!r}")
        self.answers += 1
        if self._transport is not None:
            self._transport.write(self._request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
