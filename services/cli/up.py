"""`showrunner up`: PostgreSQL, NATS and all services, on this machine, in one data folder."""

from __future__ import annotations

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
from services.gateway.service import Listening
from services.scheduler import service as scheduler
from services.workers.runtime import service as worker
from shared.directory.directory import migrate_media
from shared.messaging import connect, declare
from shared.runtime.lifecycle import Service, run_until_stopped
from shared.runtime.settings import Settings

from .announcements import address_of, gateway_ready
from .wiring import Wiring, wired
from .workers import CATEGORIES, jobs_of

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
            print(f"Showrunner keeps its data in {folder}", flush=True)
            await _serve(wiring, embedded, folder)


async def _serve(wiring: Wiring, embedded: list[Server], folder: Path) -> None:
    await migrate_media(wiring.database_url.reveal())
    url = wiring.nats_url.reveal()
    # The gateway has a connection of its own, on which it does not hear what it says itself.
    async with connect(url, "showrunner") as bus, connect(url, "gateway", echo=False) as gateway_bus:
        await declare(bus, wiring.retention)

        async def work(category: str) -> None:
            async with jobs_of(category, wiring) as jobs:
                await worker.run(bus, jobs, wiring.worker)

        def listening(heard: Listening) -> None:
            write_private(folder / ADDRESS_FILE, address_of(heard).encode())
            gateway_ready(heard)

        # Stopped in this order: no new ticks, runs end, what they said is projected, and the servers go last.
        services: dict[str, Service] = {
            "scheduler": scheduler.run(bus, wiring.scheduler),
            **{f"worker-{category}": work(category) for category in CATEGORIES},
            "gateway": gateway.run(gateway_bus, wiring.gateway, listening),
            "servers": keep_running(*embedded, report=lambda what: log.warning("server", what=what)),
        }
        await run_until_stopped(services)
