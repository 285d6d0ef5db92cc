"""The simulator, and who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.contract.shoko.clients import VERSIONS, Client, shoko
from tests.simulators.shoko import ShokoServer


@pytest.fixture(params=VERSIONS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ShokoServer]:
    async with shoko(request.param) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session


@pytest.fixture
def ann(http: aiohttp.ClientSession, server: ShokoServer) -> Client:
    return Client(http, server, server.state.key_of("ann"))


@pytest.fixture
def admin(http: aiohttp.ClientSession, server: ShokoServer) -> Client:
    return Client(http, server, server.state.admin_key)


@pytest.fixture
def nobody(http: aiohttp.ClientSession, server: ShokoServer) -> Client:
    return Client(http, server, "")
