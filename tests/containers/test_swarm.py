"""deploy/swarm/stack.yaml on a real Swarm: it starts, works, and is as confined as compose.yaml."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientError

from tests.containers.docker import docker, inspect
from tests.containers.runs import is_ready, run_job
from tests.containers.stack import OURS, SERVERS
from tests.containers.swarm import SwarmStack, swarm
from tests.simulators.jellyfin import JellyfinServer
from tests.support.folders import short_folder
from tests.support.gateways import Person
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("containers")

READY_WITHIN = 180.0  # seconds


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(image: str) -> AsyncIterator[SwarmStack]:
    """The stack, with a gateway that is ready."""
    with short_folder() as folder, swarm():
        stack = SwarmStack(f"showrunner-swarm-{os.getpid()}", folder / "secrets")
        try:
            stack.deploy()
            async with Person(stack.url) as stranger:
                await wait_until(lambda: _reached(stranger), READY_WITHIN, what="a gateway that is ready")
            yield stack
        finally:
            await stack.remove()


async def _reached(person: Person) -> bool:
    try:
        return await is_ready(person)
    except (OSError, ClientError):
        return False


@pytest.fixture
async def admin(stack: SwarmStack) -> AsyncIterator[Person]:
    async with Person(stack.url) as person:
        yield await person.log_in(password=stack.secret("admin_password"))


async def test_the_page_answers_and_a_server_is_synced(admin: Person, jellyfin: JellyfinServer) -> None:
    async with admin.http.get("/") as page:
        assert page.status == 200 and "<title>Showrunner" in await page.text()
    for job in ("check_servers", "sync_jellyfin"):
        run = await run_job(admin, job)
        assert run["outcome"] == "succeeded", run
    assert len((await admin.read("/api/libraries"))["libraries"]) == 3


async def test_containers_are_confined(stack: SwarmStack) -> None:
    for service in (*OURS, *SERVERS):
        running = [
            name for name in stack.containers(service) if inspect("container", name)["State"]["Status"] == "running"
        ]
        assert len(running) == (2 if service == "scheduler" else 1), service
        host: Any = inspect("container", running[0])["HostConfig"]
        assert host["ReadonlyRootfs"] and host["Memory"] > 0 and host["NanoCpus"] > 0 and host["PidsLimit"] > 0
        status = docker("exec", running[0], "cat", "/proc/1/status")
        assert [line.split()[1] for line in status.splitlines() if line.startswith("CapEff")] == ["0" * 16], service
