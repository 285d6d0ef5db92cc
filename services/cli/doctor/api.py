"""The gateway of this machine: does it answer, is it ready, and does the page's port belong to it?"""

from __future__ import annotations

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout
from msgspec import Struct

from .findings import Finding, fault, ok, warning
from .here import port_taken

_WITHIN = ClientTimeout(total=5)
_MISSING = {"nats": "NATS", "postgres": "PostgreSQL", "board": "the jobs, which it has not read yet"}


class _Ready(Struct):
    ready: bool
    nats: bool
    postgres: bool
    board: bool


async def gateway(url: str, host: str, port: int) -> Finding:
    """Who answers at the address."""
    ready = await _readiness(url)
    if ready is not None and ready.ready:
        return ok("gateway", f"ready at {url}")
    if ready is not None:
        lacks = ", ".join(what for name, what in _MISSING.items() if not getattr(ready, name))
        return fault(
            "gateway", f"{url} answers, but lacks {lacks or 'nothing: it is stopping'}", "see what else is said"
        )
    if port and port_taken(host, port):
        return fault("gateway", f"another program listens on port {port}", "end it, or set SHOWRUNNER_PORT")
    return warning("gateway", f"nobody answers at {url}; the port is free", "start it: showrunner up")


async def _readiness(url: str) -> _Ready | None:
    """What the gateway says of itself; None when nobody answers, or somebody else does."""
    try:
        async with ClientSession(timeout=_WITHIN) as http, http.get(f"{url}/readyz") as response:
            return msgspec.json.decode(await response.read(), type=_Ready)
    except (ClientError, OSError, TimeoutError, msgspec.DecodeError):
        return None
