"""NATS as three servers on this machine that keep three copies, and the handles that a test needs to hurt it."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

from shared.messaging import Bus, MessagingError
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

NODES = 3
ELECTED_WITHIN = 60.0  # seconds
PASSWORD = "of-all-nodes"


class Node(BreakableNats):
    """One server of a cluster; it keeps its ports over `restart()`."""

    def __init__(self, home: Path, port: int, peers: tuple[int, ...]) -> None:
        super().__init__(home)
        self._port_for_peers = port
        self._peers = peers

    @property
    def name_in_cluster(self) -> str:
        return self.home.name

    @property
    def token(self) -> str:
        return PASSWORD

    async def leave(self) -> None:
        """Go as a server goes that Kubernetes moves: it hands over what it leads, sends its clients away, and ends."""
        self._started().signal(signal.SIGUSR2)
        await self.ended()

    def _settings(self) -> dict[str, Any]:
        cluster = {
            "name": "showrunner",
            "listen": f"127.0.0.1:{self._port_for_peers}",
            "routes": [f"nats-route://127.0.0.1:{peer}" for peer in self._peers],
        }
        leaving = {"lame_duck_grace_period": "1s", "lame_duck_duration": "30s"}
        return super()._settings() | {"server_name": self.name_in_cluster, "cluster": cluster, **leaving}


class NatsCluster:
    """Three servers. Use it with `async with`."""

    def __init__(self, home: Path) -> None:
        peers = _free_ports(NODES)
        self.nodes = [Node(home / f"nats-{number}", peers[number], peers) for number in range(NODES)]

    @property
    def url(self) -> str:
        """Where all of them are, and the password: a secret."""
        return ",".join(node.url for node in self.nodes)

    async def leader_of(self, bus: Bus, stream: str) -> Node:
        """The server that takes what is written to a stream, as soon as there is one."""

        async def leading() -> Node | None:
            leader = (await _standing(bus, stream)).get("leader")
            return next((node for node in self.nodes if node.name_in_cluster == leader), None)

        return await wait_until(leading, ELECTED_WITHIN, what=f"a leader of {stream}")

    async def follower_of(self, bus: Bus, stream: str) -> Node:
        """A server that only copies the stream."""
        leader = await self.leader_of(bus, stream)
        return next(node for node in self.nodes if node is not leader)

    async def complete(self, bus: Bus, streams: tuple[str, ...]) -> None:
        """Wait until every copy of these streams is as new as its original."""

        async def all_current() -> bool:
            for stream in streams:
                replicas = (await _standing(bus, stream)).get("replicas", [])
                assert len(replicas) == NODES - 1 and all(each.get("current") for each in replicas), stream
            return True

        await wait_until(all_current, ELECTED_WITHIN, what="all copies")

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(node.start() for node in self.nodes))
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(node.stop() for node in self.nodes))


async def _standing(bus: Bus, stream: str) -> dict[str, Any]:
    """How the servers of a stream stand to each other. AssertionError: nobody can say now."""
    async with leaderless():
        cluster: dict[str, Any] = (await bus.api(f"STREAM.INFO.{stream}", {}))["cluster"]
        return cluster


@asynccontextmanager
async def leaderless() -> AsyncIterator[None]:
    """While a cluster elects a leader it does not answer: for `wait_until` that is "not yet"."""
    try:
        yield
    except MessagingError as error:
        raise AssertionError(str(error)) from error


def _free_ports(count: int) -> tuple[int, ...]:
    with ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return tuple(int(each.getsockname()[1]) for each in sockets)
