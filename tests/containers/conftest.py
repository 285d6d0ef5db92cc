"""The image, built once, and all containers of compose.yaml, started once; skipped where there is no Docker."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.containers.images_ahead import build_image
from tests.containers.outside import known_jellyfin
from tests.containers.stack import Stack
from tests.containers.stand_ins import NoImages
from tests.simulators.jellyfin import JellyfinServer
from tests.support.folders import short_folder
from tests.support.gateways import Person


@pytest.fixture(scope="session")
def image() -> str:
    """The name of the image, built from this checkout."""
    try:
        return build_image()
    except NoImages as lacking:
        pytest.skip(str(lacking))


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
    async with known_jellyfin(admin) as simulator:
        yield simulator
