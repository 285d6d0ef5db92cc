"""Servers that have fallen silent, their connections open: services that are asked to stop stop all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.chaos.storm.links import Link, tcp, unix
from tests.support.gateways import PASSWORD
from tests.support.processes import Process, Processes
from tests.support.servers import BreakableNats, BreakablePostgres, postgres_at, socket_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

STOP_WITHIN_S = 30.0  # what Kubernetes waits before it kills
READY = {"scheduler": "schedules_loaded", "gateway": "gateway_ready"}
SERVICES = (
    ("scheduler",),
    ("gateway",),
    ("worker", "sync"),
    ("worker", "access"),
    ("worker", "mail"),
    ("worker", "maintenance"),
)


class Ways:
    """The ways from the services to both servers."""

    def __init__(self, nats: str, postgres: str) -> None:
        self._nats = urlsplit(nats)
        self.to_nats = Link(tcp("127.0.0.1", lambda: self._nats.port or 0))
        self.to_postgres = Link(unix(socket_of(postgres)))

    def env(self, folder: Path) -> dict[str, str]:
        """The settings of a service that goes by them."""
        netloc = self._nats.netloc.replace(f":{self._nats.port}", f":{self.to_nats.port}")
        return {
            "SHOWRUNNER_NATS_URL": self._nats._replace(netloc=netloc).geturl(),
            "SHOWRUNNER_DATABASE_URL": postgres_at(self.to_postgres.port),
            "SHOWRUNNER_KEY_FILE": str(folder / "key"),
            "SHOWRUNNER_ADMIN_PASSWORD": PASSWORD,
            "SHOWRUNNER_PORT": "0",
        }


@pytest.fixture
async def ways(nats_server: BreakableNats, postgres_server: BreakablePostgres) -> AsyncIterator[Ways]:
    made = Ways(nats_server.url, postgres_server.url)
    async with AsyncExitStack() as open_ways:
        for link in (made.to_nats, made.to_postgres):
            await open_ways.enter_async_context(link.listening())
        yield made


@pytest.fixture
async def services(ways: Ways, processes: Processes, folder: Path) -> list[Process]:
    """All of them, ready."""
    env = ways.env(folder)
    started = {name: processes.python("-m", "services.cli", *name, env=env) for name in SERVICES}
    for name, service in started.items():
        await service.line(READY.get(name[0], "worker_ready"), 60)
    return list(started.values())


@pytest.mark.parametrize("silent", ["postgres", "nats", "both"])
async def test_all_services_stop(services: list[Process], ways: Ways, silent: str) -> None:
    if silent != "nats":
        ways.to_postgres.silence()
    if silent != "postgres":
        ways.to_nats.silence()
    if silent == "nats":
        await asyncio.gather(*(service.line("nats_disconnected", 30) for service in services))
    stops = [asyncio.ensure_future(service.stop(STOP_WITHIN_S)) for service in services]
    await wait_until(lambda: all(stop.done() for stop in stops), STOP_WITHIN_S + 5, what="the end of all services")
    assert [stop.result() for stop in stops] == [0] * len(SERVICES)
