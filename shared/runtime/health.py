"""How a machine watches a service that has no API: `/healthz`, `/readyz` and `/metrics` on a port of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

log = structlog.get_logger()

Checks = dict[str, Callable[[], bool]]


async def serve_health(host: str, port: int, checks: Checks) -> None:
    """Answer until cancelled. Ready means that every check holds; the answer says which do not."""
    registry = CollectorRegistry()
    for name, check in checks.items():
        Gauge(f"showrunner_{name}", f"1 when {name.replace('_', ' ')}.", registry=registry).set_function(check)

    async def alive(_: web.Request) -> web.Response:
        return _answer({"alive": True}, 200)

    async def ready(_: web.Request) -> web.Response:
        found = {name: check() for name, check in checks.items()}
        return _answer({"ready": all(found.values()), **found}, 200 if all(found.values()) else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": "text/plain; version=0.0.4"})

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
