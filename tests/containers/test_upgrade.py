"""From the image of the version before the newest migration to the present one: everything is kept, and jobs go on."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.containers.docker import docker, inspect, run
from tests.containers.outside import known_jellyfin
from tests.containers.runs import run_job
from tests.containers.stack import CHECKOUT, IMAGE, OURS, Stack
from tests.support.folders import short_folder
from tests.support.gateways import Person

pytestmark = pytest.mark.xdist_group("containers")

BEFORE = "showrunner-under-test-before"
MIGRATIONS = ("services/gateway/migrations", "shared/directory/migrations")


class NoHistory(Exception):
    """The checkout does not know what was before."""


@pytest.fixture(scope="session")
def image_before(image: str) -> str:
    """The name of the image, built from the last commit that lacked the newest migration."""
    try:
        commit = _commit_before()
    except NoHistory as lacking:
        pytest.skip(str(lacking))
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.tar"
        run("git", "-C", str(CHECKOUT), "archive", "--output", str(archive), commit)
        source = Path(folder) / "source"
        source.mkdir()
        run("tar", "-C", str(source), "-xf", str(archive))
        docker("build", "--quiet", "--tag", BEFORE, str(source))
    return BEFORE


def _commit_before() -> str:
    """The parent of the commit that added a migration last. Raises `NoHistory`."""
    added = ("log", "-1", "--diff-filter=A", "--format=%H", "--", *MIGRATIONS)
    newest = _git(*added)
    if not newest:
        raise NoHistory("no commit here adds a migration")
    return _git("rev-parse", "--verify", f"{newest}^")


def _git(*words: str) -> str:
    said = subprocess.run(["git", "-C", str(CHECKOUT), *words], capture_output=True, text=True, check=False)
    if said.returncode:
        raise NoHistory(f"the history of this checkout does not reach far enough: {said.stderr.strip()}")
    return said.stdout.strip()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(image_before: str) -> AsyncIterator[Stack]:
    """Every service of the version before."""
    with short_folder() as folder:
        stack = Stack(f"showrunner-upgrade-{os.getpid()}", folder / "secrets", image_before)
        stack.make_secrets()
        try:
            await stack.up()
            yield stack
        finally:
            stack.down("--volumes", "--timeout", "1")


async def test_an_upgrade_keeps_everything(stack: Stack, admin: Person) -> None:
    async with known_jellyfin(admin):
        run_before = await run_job(admin, "sync_jellyfin")
        assert run_before["outcome"] == "succeeded", run_before
        libraries = (await admin.read("/api/libraries"))["libraries"]

        stack.image = IMAGE
        await stack.up()
        assert {inspect("container", stack.container(name))["Config"]["Image"] for name in OURS} == {IMAGE}

        # The session goes on, too. Another version may tell more of a run, but nothing else of it.
        kept = await admin.read(f"/api/runs/{run_before['id']}")
        assert {name: kept[name] for name in run_before} == run_before
        assert [each["id"] for each in (await admin.read("/api/libraries"))["libraries"]] == [
            each["id"] for each in libraries
        ]
        for job in ("check_servers", "sync_jellyfin"):
            run_after = await run_job(admin, job)
            assert run_after["outcome"] == "succeeded", run_after
