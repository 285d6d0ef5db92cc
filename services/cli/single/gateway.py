"""`showrunner gateway`."""

from __future__ import annotations

import os

from services.cli.announcements import gateway_ready
from services.cli.wiring import wired
from services.gateway import service as gateway
from services.gateway.settings import Listening
from shared.messaging import connect
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.settings import Settings
from shared.runtime.telemetry import open_telemetry


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
