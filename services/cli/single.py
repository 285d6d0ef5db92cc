"""One service a process, as in containers: NATS and Postgres are somebody else's.

The scheduler alone declares streams, and needs the rights for it; all others wait until they are there.
"""

from __future__ import annotations

import os

from services.gateway import service as gateway
from services.gateway.service import Listening
from services.scheduler import service as scheduler
from shared.messaging import connect, declare
from shared.runtime.health import watched
from shared.runtime.lifecycle import Service, run_until_stopped
from shared.runtime.settings import Settings
from shared.runtime.telemetry import open_telemetry

from .announcements import gateway_ready
from .wiring import wired
from .workers import work


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


async def run_gateway(settings: Settings) -> None:
    """A gateway; of several, one projects."""
    wiring = wired(settings)

    def listening(heard: Listening) -> None:
        gateway_ready(heard, settings.log)

    async with (
        open_telemetry(os.environ) as telemetry,
        connect(wiring.nats_url.reveal(), "gateway", wiring.nats_tls, echo=False) as bus,
    ):
        await run_until_stopped({"gateway": gateway.run(bus, wiring.gateway, listening, telemetry)})
