"""Asking a scheduler that is not there, over a connection on which that takes a while to be told."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from services.gateway.asking import SHORTEST_TRY_S, SchedulerUnreachable, ask
from shared.contracts.commands import Pause
from shared.messaging import connect
from tests.chaos.storm.links import Link, tcp
from tests.support.servers import NatsServer

ONE_WAY_S = 0.15


async def test_that_nobody_is_there_is_not_taken_for_silence(nats_server: NatsServer) -> None:
    url = urlsplit(nats_server.url)
    assert url.port and ONE_WAY_S * 2 < SHORTEST_TRY_S
    port = url.port
    link = Link(tcp("127.0.0.1", lambda: port))
    async with link.listening():
        link.slow(ONE_WAY_S, 1e9)
        near = url._replace(netloc=url.netloc.replace(f":{url.port}", f":{link.port}")).geturl()
        async with connect(near, "asking") as bus:
            with pytest.raises(SchedulerUnreachable, match="nothing was changed"):
                await ask(bus, Pause(job="greet", by="admin"))
