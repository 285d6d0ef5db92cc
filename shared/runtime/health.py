"""How a machine watches a service that has no API: `/healthz`, `/readyz` and `/metrics` on a port of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from aiohttp import web

from .lifecycle import Service
from .metrics import CONTENT_TYPE, Meter
from .settings import Settings

log = structlog.get_logger()

Checks = dict[str, Callable[[], bool]]


def show_connection(meter: Meter, connection: str, connected: Callable[[], bool]) -> None:
    """Show whether a connection to NATS is there."""
    meter.show("showrunner_nats_connected", "1 when NATS is there.", connected, connection=connection)


def watched(settings: Settings, service: str, connected: Callable[[], bool], meter: Meter) -> dict[str, Service]:
    """What lets a machine watch a service without an API, if a port is set; `connected` says whether NATS is there."""
    show_connection(meter, service, connected)
    if not settings.health_port:
        return {}
    return {"health": serve_health(settings.host, settings.health_port, {"nats_connected": connected}, meter)}


async def serve_health(host: str, port: int, checks: Checks, meter: Meter) -> None:
    """Answer until cancelled. Ready means that every check holds; the answer says which do not."""

    async def alive(_: web.Request) -> web.Response:
        return _answer({"alive": True}, 200)

    async def ready(_: web.Request) -> web.Response:
        found = {name: check() for name, check in checks.items()}
        return _answer({"ready": all(found.values()), **found}, 200 if all(found.values()) else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=meter.text(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        log.info("health_served", host=host, port=runner.addresses[0][1])
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _answer(body: dict[str, bool], status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
