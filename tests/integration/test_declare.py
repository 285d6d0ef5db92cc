"""Streams are there after they are declared, whoever else declares them at the same moment."""

from __future__ import annotations

import asyncio

from shared.contracts import subjects
from shared.messaging import Bus, Retention, connect, declare
from shared.messaging.streams import stream_configs
from tests.support.servers import BreakableNats

ROUNDS = 10


async def _remove_all(bus: Bus) -> None:
    for config in stream_configs(Retention()):
        await bus.api(f"STREAM.DELETE.{config['name']}", {})


async def test_two_that_want_the_streams_otherwise_both_get_them(nats_server: BreakableNats) -> None:
    ours, theirs = Retention(lease_ms=1500), Retention(lease_ms=2000)
    leases = subjects.bucket_stream(subjects.LEASES)
    async with connect(nats_server.url, "one") as one, connect(nats_server.url, "other") as other:
        for _ in range(ROUNDS):
            await asyncio.gather(declare(one, ours), declare(other, theirs))
            info = await one.api(f"STREAM.INFO.{leases}", {})
            assert info["config"]["max_age"] in {1_500_000_000, 2_000_000_000}
            await _remove_all(one)
