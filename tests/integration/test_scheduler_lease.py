"""A scheduler that is stopped lets another lead at once, whatever it was about to write."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from services.scheduler.leadership import RENEWALS, Lease
from shared.contracts import subjects
from shared.messaging import Bus, Retention, connect, declare
from shared.messaging.buckets import get
from tests.support.servers import NatsServer

TIMES = 100
PAUSE_S = 0.003  # between renewals: about as long as one takes


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[Bus]:
    async with connect(nats_server.url, "scheduler") as connected:
        await declare(connected, Retention())
        yield connected


async def stands(bus: Bus) -> bool:
    return bool((await get(bus, subjects.LEASES, subjects.LEADER_KEY)).data)


async def test_one_that_is_stopped_while_it_renews_its_lease(bus: Bus) -> None:
    chance = random.Random(1)
    for time in range(TIMES):
        lease = Lease(bus, f"scheduler_{time}", PAUSE_S * RENEWALS)
        await lease.take()
        renewals = asyncio.ensure_future(lease.keep())
        await asyncio.sleep(PAUSE_S + chance.random() * 2 * PAUSE_S)
        renewals.cancel()
        await asyncio.wait([renewals])
        await lease.give_up()
        assert not await stands(bus), f"the lease of {time} stands"


async def test_one_that_is_stopped_while_it_takes_the_lead(bus: Bus) -> None:
    chance = random.Random(1)
    for time in range(TIMES):
        lease = Lease(bus, f"scheduler_{time}", lease_s=5)
        taking = asyncio.ensure_future(lease.take())
        await asyncio.sleep(chance.random() * PAUSE_S)
        taking.cancel()
        await asyncio.wait([taking])
        await lease.give_up()
        assert not await stands(bus), f"the lease of {time} stands"


async def test_one_that_gives_up_takes_the_lead_from_nobody(bus: Bus) -> None:
    former, leader = Lease(bus, "former", lease_s=5), Lease(bus, "leader", lease_s=5, alone=True)
    await former.take()
    await leader.take()
    await former.give_up()
    assert await stands(bus)
