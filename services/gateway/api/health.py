"""Calls by which a machine watches a gateway."""

from __future__ import annotations

from aiohttp import web
from msgspec import Struct
from msgspec.json import encode

from shared.runtime.metrics import CONTENT_TYPE

from .route import Call, Nothing


class Health(Struct, frozen=True, kw_only=True):
    alive: bool


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether requests should come here; and if not, what is missing."""

    ready: bool
    nats: bool
    postgres: bool
    board: bool
    stopping: bool


async def is_alive(call: Call, _: Nothing) -> Health:
    """Whether the process answers at all."""
    return Health(alive=True)


async def is_ready(call: Call, _: Nothing) -> web.Response:
    """200 when NATS, Postgres and the board are there, else 503; the body says which is missing."""
    gateway = call.gateway
    postgres = await gateway.database.answers()
    present = gateway.bus.connected, postgres, gateway.board.loaded
    readiness = Readiness(
        ready=all(present) and not gateway.stopping,
        nats=present[0],
        postgres=present[1],
        board=present[2],
        stopping=gateway.stopping,
    )
    return web.Response(body=encode(readiness), status=200 if readiness.ready else 503, content_type="application/json")


async def show_metrics(call: Call, _: Nothing) -> web.Response:
    """What can be measured, in Prometheus' text format."""
    return web.Response(body=call.gateway.metrics.meter.text(), headers={"Content-Type": CONTENT_TYPE})
