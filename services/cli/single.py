"""One service a process, as in containers: NATS and Postgres are somebody else's."""

from __future__ import annotations

from services.gateway import service as gateway
from services.scheduler import service as scheduler
from services.workers.runtime import service as worker
from shared.messaging import connect, declare
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.settings import Settings

from .announcements import gateway_ready
from .wiring import wired
from .workers import jobs_of


async def run_scheduler(settings: Settings) -> None:
    """A scheduler; of several, one leads."""
    wiring = wired(settings)
    async with connect(wiring.nats_url.reveal(), "scheduler") as bus:
        await declare(bus, wiring.retention)
        await run_until_stopped({"scheduler": scheduler.run(bus, wiring.scheduler)})


async def run_worker(settings: Settings, category: str) -> None:
    """A worker of one category; several share its work."""
    wiring = wired(settings)
    async with (
        connect(wiring.nats_url.reveal(), f"worker-{category}") as bus,
        jobs_of(category, wiring) as jobs,
    ):
        await declare(bus, wiring.retention)
        await run_until_stopped({f"worker-{category}": worker.run(bus, jobs, wiring.worker)})


async def run_gateway(settings: Settings) -> None:
    """A gateway; of several, one projects."""
    wiring = wired(settings)
    async with connect(wiring.nats_url.reveal(), "gateway") as bus:
        await declare(bus, wiring.retention)
        await run_until_stopped({"gateway": gateway.run(bus, wiring.gateway, gateway_ready)})
