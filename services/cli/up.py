"""`showrunner up`: PostgreSQL, NATS and all services, on this machine, in one data folder."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from services.cli.embedded.nats import EmbeddedNats
from services.cli.embedded.place import open_place
from services.cli.embedded.postgres import EmbeddedPostgres
from services.cli.embedded.private import write_private
from services.cli.embedded.server import Server
from services.cli.embedded.servers import keep_running, started
from services.cli.remote.address import ADDRESS_FILE
from services.gateway import service as gateway
from services.gateway.settings import Listening
from services.scheduler import service as scheduler
from shared.directory.directory import migrate_media
from shared.messaging import connect, declare
from shared.runtime.health import show_connection
from shared.runtime.lifecycle import Service, run_until_stopped
from shared.runtime.settings import Settings
from shared.runtime.telemetry import Telemetry, open_telemetry

from .announcements import address_of, data_kept_in, gateway_ready
from .wiring import Wiring, wired
from .workers import CATEGORIES, work

log = structlog.get_logger()


async def up(settings: Settings, folder: Path) -> None:
    """Run everything until a signal. Servers whose address is given in the settings are used, not started."""
    with open_place(folder) as place:
        postgres = EmbeddedPostgres(place.postgres)
        nats = EmbeddedNats(place.nats)
        embedded: list[Server] = []
        if not settings.database_url:
            embedded.append(postgres)
        if not settings.nats_url:
            embedded.append(nats)
        async with started(*embedded):
            wiring = wired(
                settings,
                folder,
                database_url=postgres.url if postgres in embedded else "",
                nats_url=nats.url if nats in embedded else "",
            )
            data_kept_in(folder, settings.log)
            async with open_telemetry(os.environ) as telemetry:
                await _serve(wiring, embedded, folder, telemetry)


async def _serve(wiring: Wiring, embedded: list[Server], folder: Path, telemetry: Telemetry) -> None:
    await migrate_media(wiring.database_url.reveal())
    url = wiring.nats_url.reveal()
    # The gateway has a connection of its own, on which it does not hear what it says itself.
    tls = wiring.nats_tls
    async with connect(url, "showrunner", tls) as bus, connect(url, "gateway", tls, echo=False) as gateway_bus:
        await declare(bus, wiring.retention)
        show_connection(telemetry.meter, "showrunner", lambda: bus.connected)

        def listening(heard: Listening) -> None:
            write_private(folder / ADDRESS_FILE, address_of(heard).encode())
            gateway_ready(heard, wiring.settings.log)

        # Stopped in this order: no new ticks, runs end, what they said is projected, and the servers go last.
        services: dict[str, Service] = {
            "scheduler": scheduler.run(bus, wiring.scheduler, telemetry),
            **{f"worker-{category}": work(bus, category, wiring, telemetry) for category in CATEGORIES},
            "gateway": gateway.run(gateway_bus, wiring.gateway, listening, telemetry),
            "servers": keep_running(*embedded, report=lambda what: log.warning("server", what=what)),
        }
        await run_until_stopped(services)
