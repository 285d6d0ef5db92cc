"""NATS as three servers with three copies: each is lost in its turn, under load, and no slot is lost or fired twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from shared.contracts import subjects
from shared.messaging import After, Bus, Message, Retention, connect, declare, read_all
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


# A server that leaves hands over what it leads. Where one was killed, NATS holds an election for each stream it led
# when it was not heard of for 4 to 9 s, and another one when that ends in a draw (nats-server, raft.go): the stream of
# reports may be among them, in which a scheduler that lost its connection looks up which runs have ended.
TICKS_WITHIN_S = {"a follower was killed": 20.0, "the leader left": 5.0, "the leader was killed": 20.0}
REPORTS_WITHIN_S = 30.0

How = Callable[[Node], Awaitable[None]]


@pytest.fixture
async def cluster(folder: Path) -> AsyncIterator[NatsCluster]:
    async with NatsCluster(folder) as servers:
        yield servers


@pytest.fixture
async def town(
    processes: Processes, folder: Path, cluster: NatsCluster, postgres_server: BreakablePostgres
) -> AsyncIterator[Town]:
    # A new cluster elects its first leaders, which takes its time.
    async with connect(cluster.url, "founder") as bus:
        await declare(bus, Retention(replicas=NODES))
    made = Town(processes, folder, cluster.url, postgres_server.url, load(40, 4, 4), replicas=NODES)
    await made.ready()
    yield made
    made.assert_nobody_lost()


@pytest.fixture
async def watcher(town: Town, cluster: NatsCluster, postgres_server: BreakablePostgres) -> AsyncIterator[Watcher]:
    async with open_pool(postgres_server.url, schema="jobs") as pool, connect(cluster.url, "watcher") as bus:
        yield Watcher(town, pool, bus)


async def moments(bus: Bus, stream: str, pattern: str) -> list[float]:
    """When each message of a stream was written, in seconds since the Unix epoch."""

    async def everything() -> list[Message]:
        async with leaderless():
            return await read_all(bus, stream, (pattern,), After(0))

    messages = await wait_until(everything, ELECTED_WITHIN, what=f"all of {stream}")
    return [message.written_ms / 1000 for message in messages]


def silence(written: list[float], span: tuple[float, float]) -> float:
    """The longest time without a message in a span."""
    began, ended = span
    return max(b - a for a, b in pairwise([began, *(at for at in written if began < at < ended), ended]))


async def lose(cluster: NatsCluster, watcher: Watcher, node: Node, how: How) -> tuple[float, float]:
    """End a server in this way, and start it again when the work goes on without it; from when to when that was."""
    began = utc_now().timestamp()
    await how(node)
    await watcher.goes_on()
    await node.start()
    await cluster.complete(watcher.bus, STREAMS)
    return began, utc_now().timestamp()


@pytest.mark.slow
async def test_each_server_may_be_lost(town: Town, watcher: Watcher, cluster: NatsCluster) -> None:
    bus = watcher.bus
    await watcher.goes_on()
    await cluster.complete(bus, STREAMS)
    lost = {
        "a follower was killed": await lose(
            cluster, watcher, await cluster.follower_of(bus, subjects.TICKS), Node.kill
        ),
        "the leader left": await lose(cluster, watcher, await cluster.leader_of(bus, subjects.TICKS), Node.leave),
        "the leader was killed": await lose(cluster, watcher, await cluster.leader_of(bus, subjects.TICKS), Node.kill),
    }
    streams = await at_rest(town, watcher, town.specs)
    found = [
        fault for shown in await watcher.shown() for fault in await faults(watcher.pool, streams, town.specs, shown)
    ]
    ticks = await moments(bus, subjects.TICKS, subjects.ALL_TICKS)
    reports = await moments(bus, subjects.REPORTS, subjects.ALL_REPORTS)
    without = {what: (silence(ticks, span), silence(reports, span)) for what, span in lost.items()}
    for what, (of_ticks, of_reports) in without.items():
        print(f"\n{what}: no ticks for {of_ticks:.1f} s, no reports for {of_reports:.1f} s", end="")
    print(f"\n{told(streams, town.specs)}")
    assert found == []
    for what, (of_ticks, of_reports) in without.items():
        assert of_ticks < TICKS_WITHIN_S[what] and of_reports < REPORTS_WITHIN_S, what
