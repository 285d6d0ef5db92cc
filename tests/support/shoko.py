"""A simulated Shoko Server, and a client that leads to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

from services.workers.clients.clients import Clients, ShokoManners, open_clients
from services.workers.clients.rules import Manners
from services.workers.clients.shoko import ShokoClient
from shared.directory.records import Server
from shared.runtime.secrets import Secret
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_state import ShokoState

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
HASTE = Manners(gap=0.0, patience=5.0, tries=2, first_pause=0.001, failures_to_cool=1000)
IN_HASTE: ShokoManners = {"reads": HASTE, "writes": HASTE}
"""Against simulators nothing is gained by waiting."""


def shoko_row(url: str, name: str = "Shoko") -> Server:
    """A Shoko Server as the directory has it."""
    return Server(
        id=uuid4(),
        kind="shoko",
        name=name,
        url=url,
        local_url="",
        public_url="",
        identifier="",
        real_name="Shoko Server",
        version="",
        state="up",
        state_since=AT,
        last_seen_at=AT,
        last_error="",
        latency_ms=None,
        enabled=True,
        created_at=AT,
    )


@asynccontextmanager
async def shoko_client(state: ShokoState) -> AsyncIterator[tuple[ShokoServer, ShokoClient]]:
    """A server with this state, and its client."""
    async with ShokoServer(state) as server, hasty_clients() as clients:
        yield server, await clients.shoko(shoko_row(server.url), Secret(state.admin_key))


@asynccontextmanager
async def hasty_clients() -> AsyncIterator[Clients]:
    """Clients that wait for nothing."""
    async with open_clients(media_manners=HASTE, plextv_manners=HASTE, shoko_manners=IN_HASTE) as clients:
        yield clients
