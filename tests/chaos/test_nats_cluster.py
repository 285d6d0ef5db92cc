"""NATS as three servers with three copies: each is lost in its turn, under load, and no slot is lost or fired twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec import Struct

from shared.contracts import subjects
from shared.messaging import Bus, Message, Since, connect, read_all
from shared.runtime.clock import utc_now
from shared.runtime.database import open_pool
from tests.chaos.counting import faults, told
from tests.chaos.town import Town, load
from tests.chaos.watching import Watcher, at_rest
from tests.support.clusters import ELECTED_WITHIN, NODES, NatsCluster, Node, leaderless
from tests.support.processes import Processes
from tests.support.servers import BreakablePostgres
from tests.support.waiting import wait_until

STREAMS = (subjects.TICKS, subjects.REPORTS, *(subjects.bucket_stream(bucket) for bucket in subjects.BUCKETS))


# Nobody has to be elected where it was not the leader that went, or where it said so. Where it was killed, NATS holds an
# election when it has not been heard of for 4 to 9 s, and another one when that ends in a draw (nats-server, raft.go).
TICKS_WITHIN_S = {"a follower was killed": 5.0, "the leader was stopped": 5.0, "the leader was killed": 20.0}
# A follower of the one stream leads another, or the workers' consumer.
REPORTS_WITHIN_S = 30.0

How = Callable[[Node], Awaitable[None]]


class Outage(Struct, frozen=True, kw_only=True):
    """For how many seconds there were no ticks, and no reports, when a server was lost."""

    ticks: float
    reports: float


@pytest.fixture
async def cluster(folder: Path) -> AsyncIterator[NatsCluster]:
    async with NatsCluster(folder) as servers:
        yield servers


@pytest.fixture
async def town(
    processes: Processes, folder: Path, cluster: NatsCluster, postgres_server: BreakablePostgres
) -> AsyncIterator[Town]:
    made = Town(processes, folder, cluster.url, postgres_server.url, load(40, 4, 4), replicas=NODES)
    await made.ready()
    yield made
    made.assert_nobody_lost()


@pytest.fixture
async def watcher(town: Town, cluster: NatsCluster, postgres_server: BreakablePostgres) -> AsyncIterator[Watcher]:
    async with open_pool(postgres_server.url, schema="jobs") as pool, connect(cluster.url, "watcher") as bus:
        yield Watcher(town, pool, bus)


async def silence(bus: Bus, stream: str, pattern: str, since: datetime) -> float:
    """The longest time, in seconds, in which nothing was written to a stream."""

    async def written() -> list[Message]:
        async with leaderless():
            return await read_all(bus, stream, (pattern,), Since(since))

    messages = await wait_until(written, ELECTED_WITHIN, what=f"what was written to {stream}")
    moments = [since.timestamp(), *(message.written_ms / 1000 for message in messages)]
    return max(after - before for before, after in pairwise(moments))


async def lose(cluster: NatsCluster, watcher: Watcher, node: Node, *, how: How) -> Outage:
    """End a server in this way, and start it again when the work goes on without it."""
    at = utc_now()
    await how(node)
    await watcher.goes_on()
    outage = Outage(
        ticks=await silence(watcher.bus, subjects.TICKS, subjects.ALL_TICKS, at),
        reports=await silence(watcher.bus, subjects.REPORTS, subjects.ALL_REPORTS, at),
    )
    await node.start()
    await cluster.complete(watcher.bus, STREAMS)
    return outage


@pytest.mark.slow
async def test_each_server_may_be_lost(town: Town, watcher: Watcher, cluster: NatsCluster) -> None:
    await watcher.goes_on()
    await cluster.complete(watcher.bus, STREAMS)

    follower = await cluster.follower_of(watcher.bus, subjects.TICKS)
    outages = {"a follower was killed": await lose(cluster, watcher, follower, how=Node.kill)}
    leader = await cluster.leader_of(watcher.bus, subjects.TICKS)
    outages["the leader was stopped"] = await lose(cluster, watcher, leader, how=Node.stop)
    leader = await cluster.leader_of(watcher.bus, subjects.TICKS)
    outages["the leader was killed"] = await lose(cluster, watcher, leader, how=Node.kill)

    streams = await at_rest(town, watcher, town.specs)
    found = [
        fault for shown in await watcher.shown() for fault in await faults(watcher.pool, streams, town.specs, shown)
    ]
    for what, outage in outages.items():
        print(f"\n{what}: no ticks for {outage.ticks:.1f} s, no reports for {outage.reports:.1f} s", end="")
    print(f"\n{told(streams, town.specs)}")
    assert found == []
    for what, outage in outages.items():
        assert outage.ticks < TICKS_WITHIN_S[what] and outage.reports < REPORTS_WITHIN_S, (what, outage)

    import collections

    for st, pa in ((subjects.TICKS, subjects.ALL_TICKS), (subjects.REPORTS, subjects.ALL_REPORTS)):
        ms = await read_all(watcher.bus, st, (pa,), Since(datetime.fromtimestamp(0, tz=__import__("datetime").UTC)))
        c = collections.Counter(m.written_ms // 1000 for m in ms)
        print(st, [c[t] for t in range(min(c), max(c) + 1)])
