"""The database of compose.yaml is lost with its volume, and comes back from a backup that the job had made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.containers.docker import docker
from tests.containers.runs import run_job
from tests.containers.stack import OURS, Stack
from tests.simulators.jellyfin import JellyfinServer
from tests.support.gateways import Person
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("containers")

# What is told of runs goes on while the backup is made; all else is as it was when the services are stopped after it.
STILL = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('jobs', 'media') AND tablename
    NOT IN ('run', 'attempt', 'log', 'change', 'skipped', 'position', 'audit', 'session', 'restored_control')
"""


def _asked(stack: Stack, question: str) -> list[str]:
    """What the database says, line by line, as its superuser sees it."""
    ask = ("psql", "--host=/var/run/postgresql", "--username=postgres", "--dbname=showrunner", "--no-psqlrc")
    said = docker("exec", stack.container("postgres"), *ask, "--tuples-only", "--no-align", "--command", question)
    return said.splitlines()


def _rows(stack: Stack) -> dict[str, list[str]]:
    return {table: sorted(_asked(stack, f"SELECT t::text FROM {table} t")) for table in _asked(stack, STILL)}


async def test_a_lost_database_is_restored_row_by_row(stack: Stack, admin: Person, jellyfin: JellyfinServer) -> None:
    await run_job(admin, "sync_jellyfin")
    await admin.post("/api/plans", name="Family")
    status, _ = await admin.post("/api/jobs/sync_plex/pause", reason="holiday")
    assert status == 200

    async def written() -> bool:
        return bool(_asked(stack, "SELECT job FROM jobs.control"))

    await wait_until(written, what="the pause in the database")
    run = await run_job(admin, "backup")
    assert run["outcome"] == "succeeded", run
    name = str(run["summary"]).partition(":")[0]
    ended = _asked(stack, "SELECT id FROM jobs.run WHERE state = 'finished' ORDER BY id")

    stack.stop(*OURS)
    before = _rows(stack)
    assert before["media.library"] and before["jobs.control"]
    await stack.lose("postgres")
    assert _asked(stack, STILL) == []
    assert name in stack.run("gateway", "restore", name, "--yes")
    assert _rows(stack) == before

    await stack.up()
    assert (await run_job(admin, "sync_jellyfin"))["outcome"] == "succeeded", "its token is unsealed as before"
    job = await admin.read("/api/jobs/sync_plex")
    assert (job["paused"], job["reason"]) == (True, "holiday")
    await wait_until(
        lambda: set(ended) <= set(_asked(stack, "SELECT id FROM jobs.run")), 30, what="every run of before"
    )
    assert (await admin.post("/api/jobs/sync_plex/resume"))[0] == 200


async def test_a_state_is_put_back_over_the_api_while_all_runs(stack: Stack, admin: Person) -> None:
    _, made = await admin.post("/api/backups")
    before = _rows(stack)
    _, server = await admin.post(
        "/api/servers", kind="jellyfin", name="Since", url="http://127.0.0.1:9", token="x", unchecked=True
    )
    assert server["name"] == "Since"
    status, restored = await admin.post(f"/api/backups/{made['name']}/restore", confirm=made["name"])
    assert status == 200, restored

    async def as_before() -> bool:
        now = _rows(stack)
        assert {table for table in before if now[table] != before[table]} == set()
        return True

    await wait_until(as_before, 30, what="the rows of before")
    assert _servers(await admin.read("/api/servers")).isdisjoint({"Since"})


def _servers(answer: Any) -> set[str]:
    return {server["name"] for server in answer["servers"]}
