"""The image, built once, and all containers of compose.yaml, started once; skipped where there is no Docker."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.containers.docker import complaint, docker
from tests.containers.stack import CHECKOUT, IMAGE, Stack, address_of_this_machine
from tests.containers.stand_ins import NoImages, provide
from tests.simulators.household import make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_state import jellyfin_state
from tests.support.folders import short_folder
from tests.support.gateways import Person


@pytest.fixture(scope="session")
def image() -> str:
    """The name of the image, built from this checkout."""
    if reason := complaint():
        pytest.skip(reason)
    try:
        provide()
    except NoImages as lacking:
        pytest.skip(str(lacking))
    docker("build", "--quiet", "--tag", IMAGE, str(CHECKOUT))
    return IMAGE


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(image: str) -> AsyncIterator[Stack]:
    """Every service, healthy."""
    with short_folder() as folder:
        stack = Stack(f"showrunner-test-{os.getpid()}", folder / "secrets")
        stack.make_secrets()
        try:
            await stack.up()
            yield stack
        finally:
            stack.down("--volumes", "--timeout", "1")


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[Person]:
    """Somebody who has logged in with the password from the secret."""
    async with Person(stack.url) as person:
        yield await person.log_in(password=stack.secret("admin_password"))


@pytest.fixture
async def jellyfin(admin: Person) -> AsyncIterator[JellyfinServer]:
    """A Jellyfin server on this machine, in the directory as long as the test lasts."""
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
