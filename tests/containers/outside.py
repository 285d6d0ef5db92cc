"""What is outside the containers, on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.containers.stack import address_of_this_machine
from tests.simulators.household import make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_state import jellyfin_state
from tests.support.gateways import Person


@asynccontextmanager
async def known_jellyfin(admin: Person) -> AsyncIterator[JellyfinServer]:
    """A Jellyfin server with three libraries, which is in the directory for as long."""
    household = make_household(seed=1, people=5, plex_servers=0, jellyfin_servers=1, libraries=3)
    [server] = household.servers_of("jellyfin")
    simulator = JellyfinServer(jellyfin_state(household, server.identifier))
    await simulator.start(host=address_of_this_machine())
    try:
        token = simulator.state.api_key
        status, added = await admin.post(
            "/api/servers", kind="jellyfin", name=server.name, url=simulator.url, token=token
        )
        assert status == 201, added
        yield simulator
        status, answer = await admin.delete(f"/api/servers/{added['id']}")
        assert status in (200, 204), answer
    finally:
        await simulator.stop()
