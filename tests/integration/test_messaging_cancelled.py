"""Whoever is stopped while it waits for NATS stops, and those who share its connection are none the worse for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from shared.messaging import Bus, connect
from shared.messaging.bus import publication
from tests.support.servers import NatsServer

TIMES = 200
WITHIN_S = 0.003  # about as long as what is cancelled takes


async def stops_at_any_moment(deed: Callable[[], Awaitable[None]]) -> bool:
    """Whether loops end that are cancelled after a short while, most of them in the midst of `deed`."""
    chance = random.Random(1)

    async def for_ever() -> None:
        while True:
            await deed()
            await asyncio.sleep(0)  # of a connection that is broken nothing may wait at all

    for _ in range(TIMES):
        loop = asyncio.ensure_future(for_ever())
        await asyncio.sleep(chance.random() * WITHIN_S)
        loop.cancel()
        await asyncio.wait([loop], timeout=5)
        if not loop.cancelled():
            return False
    return True


async def answers(bus: Bus) -> bool:
    return b"account_info_response" in await bus.request("$JS.API.INFO", b"", 2)


async def test_who_begins_to_listen(nats_server: NatsServer) -> None:
    async with connect(nats_server.url, "listener") as bus:

        async def listens() -> None:
            async with bus.listen("something"):
                pass

        assert await stops_at_any_moment(listens)
        assert await answers(bus)


async def test_who_connects(nats_server: NatsServer) -> None:
    async def connects() -> None:
        async with connect(nats_server.url, "newcomer") as bus:
            assert await answers(bus)

    assert await stops_at_any_moment(connects)


async def test_who_leaves_while_nats_takes_nothing(nats_server: NatsServer) -> None:
    async with asyncio.timeout(20), connect(nats_server.url, "leaver") as bus:
        nats_server.pause()
        for _ in range(16):  # more than the sockets hold
            bus.send(publication("something", bytes(1_000_000)))
