"""The profiles of compose.yaml: a household to look at, and Prometheus with Grafana."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from tests.containers.docker import compose, docker, run
from tests.containers.runs import run_job
from tests.containers.stack import CHECKOUT, Stack
from tests.support.folders import short_folder
from tests.support.gateways import Person
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("containers")

HOUSEHOLD = "showrunner-demo-under-test"
KINDS = {"plex": 2, "jellyfin": 1, "shoko": 1}
SET_UP_WITHIN = 120.0  # seconds


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(image: str) -> AsyncIterator[Stack]:
    """Every service, and the household beside them."""
    docker("build", "--quiet", "--target", "demo", "--tag", HOUSEHOLD, str(CHECKOUT))
    with short_folder() as folder:
        stack = Stack(f"showrunner-demo-{os.getpid()}", folder / "secrets", image)
        stack.environment = {
            "COMPOSE_PROFILES": "demo",
            "SHOWRUNNER_DEMO_IMAGE": HOUSEHOLD,
            "SHOWRUNNER_PLEX_TV_URL": "http://demo:18100",
        }
        stack.make_secrets()
        try:
            await stack.up()
            yield stack
        finally:
            stack.down("--volumes", "--timeout", "1")


async def test_a_household_moves_in(admin: Person) -> None:
    async def moved_in() -> bool:
        servers = (await admin.read("/api/servers"))["servers"]
        assert {kind: sum(each["kind"] == kind for each in servers) for kind in KINDS} == KINDS
        return True

    await wait_until(moved_in, SET_UP_WITHIN, what="the household's servers")
    for job in ("check_servers", "sync_plex", "sync_jellyfin"):
        run_of_job = await run_job(admin, job)
        assert run_of_job["outcome"] == "succeeded", run_of_job


def test_the_product_has_no_household_in_it(image: str) -> None:
    found = docker("run", "--rm", "--entrypoint=sh", image, "-c", "ls -d /demo 2>/dev/null || true")
    assert found.split() == []


def test_what_prometheus_and_grafana_are_given_is_there(tmp_path: Path) -> None:
    if not (words := compose()):
        pytest.skip("there is no Docker Compose here")
    environment = {**os.environ, "SHOWRUNNER_SECRETS": str(tmp_path)}
    services: Any = yaml.safe_load(
        run(*words, "--profile", "metrics", "config", cwd=CHECKOUT, environment=environment)
    )["services"]
    assert {"prometheus", "grafana"} <= services.keys()
    mounts = [volume for name in ("prometheus", "grafana") for volume in services[name]["volumes"]]
    files = [Path(source) for mount in mounts if (source := _source(mount)).startswith("/")]
    assert len(files) == 5 and all(file.is_file() for file in files)


def _source(mount: Any) -> str:
    """Compose of either generation writes a mount in its own way."""
    return str(mount["source"]) if isinstance(mount, dict) else str(mount).partition(":")[0]
