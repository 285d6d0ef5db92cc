"""`showrunner worker CATEGORY`."""

from __future__ import annotations

import os

from services.cli.wiring import wired
from services.cli.workers import work
from shared.messaging import connect
from shared.runtime.health import watched
from shared.runtime.lifecycle import Service, run_until_stopped
from shared.runtime.settings import Settings
from shared.runtime.telemetry import open_telemetry


async def run_worker(settings: Settings, category: str) -> None:
    """A worker of one category; several share its work."""
    wiring = wired(settings)
    name = f"worker-{category}"
    async with (
        open_telemetry(os.environ) as telemetry,
        connect(wiring.nats_url.reveal(), name, wiring.nats_tls) as bus,
    ):
        services: dict[str, Service] = {name: work(bus, category, wiring, telemetry)}
        await run_until_stopped(services | watched(settings, name, lambda: bus.connected, telemetry.meter))
