"""One service a process, as in containers: NATS and Postgres are somebody else's."""

from __future__ import annotations

from services.gateway import service as gateway
from services.scheduler import service as scheduler
from services.workers.runtime import service as worker
from shared.messaging import Bus, connect, declare
from shared.runtime.health import serve_health
from shared.runtime.lifecycle import Service, run_until_stopped
from shared.runtime.settings import Settings

from .announcements import gateway_ready
from .wiring import wired
from .workers import jobs_of


async def run_scheduler(settings: Settings) -> None:
    """A scheduler; of several, one leads."""
    wiring = wired(settings, needs=("NATS_URL",))
    async with connect(wiring.nats_url.reveal(), "scheduler") as bus:
        await declare(bus, wiring.retention)
        services: dict[str, Service] = {"scheduler": scheduler.run(bus, wiring.scheduler)}
        await run_until_stopped(services | _watched(settings, bus))


async def run_worker(settings: Settings, category: str) -> None:
    """A worker of one category; several share its work."""
    wiring = wired(settings)
    async with (
        connect(wiring.nats_url.reveal(), f"worker-{category}") as bus,
        jobs_of(category, wiring) as jobs,
    ):
        await declare(bus, wiring.retention)
        services: dict[str, Service] = {f"worker-{category}": worker.run(bus, jobs, wiring.worker)}
        await run_until_stopped(services | _watched(settings, bus))


async def run_gateway(settings: Settings) -> None:
    """A gateway; of several, one projects."""
    wiring = wired(settings)
    async with connect(wiring.nats_url.reveal(), "gateway", echo=False) as bus:
        await declare(bus, wiring.retention)
        await run_until_stopped({"gateway": gateway.run(bus, wiring.gateway, gateway_ready)})


def _watched(settings: Settings, bus: Bus) -> dict[str, Service]:
    if not settings.health_port:
        return {}
    checks = {"nats_connected": lambda: bus.connected}
    return {"health": serve_health(settings.host, settings.health_port, checks)}
