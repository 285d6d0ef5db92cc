"""The check that the image runs to see whether its service answers."""

from __future__ import annotations

import asyncio
import socket

from services.cli.alive import answers
from shared.runtime.health import serve_health
from shared.runtime.metrics import Meter
from tests.support.waiting import wait_until


async def test_a_service_that_is_there_is_alive_even_when_it_is_not_ready() -> None:
    port = _free_port()
    serving = asyncio.create_task(serve_health("127.0.0.1", port, {"nats_connected": lambda: False}, Meter()))
    try:
        assert await wait_until(lambda: asyncio.to_thread(answers, "127.0.0.1", port), what="an answer")
    finally:
        serving.cancel()
        await asyncio.wait([serving])


def test_nobody_there_is_not_alive() -> None:
    assert not answers("127.0.0.1", _free_port())


def test_a_service_that_hangs_is_not_alive() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # the kernel takes the connection, and nobody answers it
        assert not answers("127.0.0.1", listener.getsockname()[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
