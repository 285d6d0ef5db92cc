"""Live feeds on one gateway: how soon one change has reached the last client, and what a client costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import ClientSession
from msgspec import Struct

from tests.support.processes import Process
from tests.support.waiting import wait_until

from .client import cookie_of, logged_in
from .house import House, open_house
from .jobs import job_name
from .machine import memory_mb
from .peers import bare_http
from .readings import Reading, percentile

LIMITS = {1_000: 40.0, 10_000: 350.0}  # milliseconds, by number of clients
JOBS = 20
EVENT_BYTES = 700  # about what one of ours has
PAUSE_S = 0.05  # between changes
DELIVERIES_LIMIT, MEMORY_LIMIT_KB = 45_000, 20.0

Change = Callable[[str], Awaitable[None]]


class Spread(Struct):
    """One change reaches all clients: milliseconds until the last has it, deliveries a second while it is under way."""

    last_ms: list[float]
    deliveries: list[float]
    client_kb: float


async def measure(quick: bool) -> list[Reading]:
    """A change is a pause of a job, by a request: the way through the scheduler and NATS is in the figure."""
    readings: list[Reading] = []
    for clients, limit in LIMITS.items():
        changes = 10 if quick else 50
        async with open_house() as house:
            ours = await _ours(house, clients, changes)
        async with open_house() as house:
            peer = await _peer(house, clients, changes)
        readings.append(
            Reading(
                figure=f"one change to the last of {clients:,} event streams, p99",
                value=percentile(ours.last_ms, 0.99),
                unit="ms",
                limit=limit,
                peer="bare aiohttp broadcast",
                peer_value=percentile(peer.last_ms, 0.99),
                note=f"p50 {percentile(ours.last_ms, 0.5):.1f} ms",
            )
        )
    return [
        *readings,
        Reading(
            figure="deliveries a second",
            value=percentile(ours.deliveries, 0.5),
            unit="/s",
            limit=DELIVERIES_LIMIT,
            more=True,
            peer="bare aiohttp broadcast",
            peer_value=percentile(peer.deliveries, 0.5),
            note="from the first client that has a change to the last",
        ),
        Reading(
            figure="memory a client",
            value=ours.client_kb,
            unit="kB",
            limit=MEMORY_LIMIT_KB,
            peer="bare aiohttp broadcast",
            peer_value=peer.client_kb,
        ),
    ]


async def _ours(house: House, clients: int, changes: int) -> Spread:
    address = await house.gateway()
    house.scheduler()
    house.worker("by_hand", JOBS)
    async with logged_in(address, house.password) as client:

        async def listed() -> bool:
            async with client.get("/api/jobs") as answer:
                listed = await answer.json()
            return len(listed["jobs"]) == JOBS and listed["scheduler"]["state"] == "leading"

        async def change(mark: str) -> None:
            async with client.post(f"/api/jobs/{job_name(1)}/pause", json={"reason": mark}) as answer:
                answer.raise_for_status()

        await wait_until(listed, 30, what="the jobs in the API")
        listening = Listening(house, house.services["gateway"], f"{address}/api/jobs/sse", cookie_of(client))
        return await listening.spread(clients, changes, change)


async def _peer(house: House, clients: int, changes: int) -> Spread:
    bare, address = await bare_http.start(house)
    async with ClientSession(address) as client:

        async def change(mark: str) -> None:
            async with client.post("/say", data=f'{{"reason":"{mark}"}}'.ljust(EVENT_BYTES)) as answer:
                answer.raise_for_status()

        return await Listening(house, bare, f"{address}/sse", "").spread(clients, changes, change)


class Listening:
    """Clients of the event stream of one server, in a process of their own."""

    def __init__(self, house: House, server: Process, url: str, cookie: str) -> None:
        self._house = house
        self._server = server
        self._url = urlsplit(url)
        self._cookie = cookie

    async def spread(self, clients: int, changes: int, change: Change) -> Spread:
        """Connect so many clients, then make so many changes, one after the other has reached all of them."""
        before = memory_mb(self._server.pid)
        listeners = self._listeners(clients)
        await listeners.line("^ready$", 120)
        spread = Spread([], [], (memory_mb(self._server.pid) - before) * 1000 / clients)
        for number in range(changes):
            mark = f"mark-{number}-"
            began = time.time_ns()
            await change(mark)
            found = await listeners.line(rf"^{mark} (\d+) (\d+)$", 30)
            first, last = int(found[1]), int(found[2])
            spread.last_ms.append((last - began) / 1e6)
            spread.deliveries.append(clients / ((last - first) / 1e9))
            await asyncio.sleep(PAUSE_S)
        return spread

    def _listeners(self, clients: int) -> Process:
        place = (self._url.hostname or "", str(self._url.port), self._url.path)
        return self._house.processes.python("-m", "tests.bench.listeners", *place, str(clients), self._cookie)
