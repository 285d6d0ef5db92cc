"""`showrunner scheduler`."""

from __future__ import annotations

import os

from services.cli.wiring import wired
from services.scheduler import service as scheduler
from shared.messaging import connect, declare
from shared.runtime.health import watched
from shared.runtime.lifecycle import Service, run_until_stopped
from shared.runtime.settings import Settings
from shared.runtime.telemetry import open_telemetry


async def run_scheduler(settings: Settings) -> None:
    """A scheduler; of several, one leads."""
    wiring = wired(settings, needs=("NATS_URL",))
    async with (
        open_telemetry(os.environ) as telemetry,
        connect(wiring.nats_url.reveal(), "scheduler", wiring.nats_tls) as bus,
    ):
        await declare(bus, wiring.retention)
        services: dict[str, Service] = {"scheduler": scheduler.run(bus, wiring.scheduler, telemetry)}
        await run_until_stopped(services | watched(settings, "scheduler", lambda: bus.connected, telemetry.meter))
