"""The jobs that Shokofin's own tasks do, at each version of both servers, killed, scanned into, and refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulators.jellyfin_tasks import TaskFailed
from tests.support.anime import Anime, anime
from tests.support.shokofin_scenes import VERSIONS

START, LOOK, SCAN = "/ScheduledTasks/Running/*", "/ScheduledTasks/*", "RefreshLibrary"
DECLINES, TOLD, NO_MATTER = "it declines", "it is told", "it is no matter"
TASKS = {
    "check_shoko_version": ("ShokoVersionCheck", NO_MATTER),
    "cleanup_vfs_roots": ("ShokoCleanupVirtualRoot", DECLINES),
    "clear_plugin_cache": ("ShokoClearPluginCache", TOLD),
    "migrate_user_data": ("ShokoMigrateEpisodeUserDataTask", NO_MATTER),
}
"""By job, its task, and what becomes of a scan that begins while it runs."""
ONCE = "1 run by Shokofin"

pytestmark = [pytest.mark.slow, VERSIONS, pytest.mark.parametrize("job", TASKS)]


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Anime]:
    """The parameter is Jellyfin's version, and Shoko's."""
    jellyfin, shoko = request.param
    async with anime(postgres, folder, jellyfin=jellyfin, shoko=shoko) as opened:
        yield opened


@pytest.fixture
async def done(here: Anime, job: str) -> list[str]:
    """How often the job's task has been carried out; Shoko's version is known already."""
    key, _ = TASKS[job]
    if job == "migrate_user_data" and not here.jellyfin.version.startswith("10.9"):
        pytest.skip("the plugin for this version has no such task: see the jobs that we do ourselves")
    if job == "check_shoko_version":
        await here.run(job)
        here.jellyfin.requests.clear()
    carried_out: list[str] = []
    here.state.tasks.effects[key] = lambda: carried_out.append(key)
    return carried_out


async def test_what_was_killed_half_way_is_ended_by_the_next_attempt(here: Anime, job: str, done: list[str]) -> None:
    key, _ = TASKS[job]
    here.state.tasks.hold(key)
    # As if our worker had died before it could cancel what it had begun.
    here.jellyfin.faults.answer(START, 500, method="DELETE")
    run = await here.killed(job, LOOK, method="GET", after=0)
    assert here.state.tasks[key].state == "Running" and done == []
    here.state.tasks.release(key)
    result, _ = await here.run(job, again=run)
    assert result.summary.startswith(ONCE) and done == [key]


async def test_a_scan_that_begins_in_the_middle(here: Anime, job: str, done: list[str]) -> None:
    key, scanned = TASKS[job]
    result, run = await here.meanwhile(job, START, lambda: here.state.tasks.begin(SCAN))
    (row,) = await here.tools.ledger.of_run(run.id)
    if scanned == DECLINES:
        assert result.outcome == "skipped" and row.state == "skipped" and "a library scan had begun" in row.detail
    else:
        assert result.outcome == "succeeded" and done == [key]
        assert row.detail == ("a library scan began while it ran" if scanned == TOLD else "")
    here.state.tasks.finish(SCAN)
    again, _ = await here.run(job)
    assert again.summary.startswith(ONCE)


async def test_one_that_fails_says_how_and_is_tried_again(here: Anime, job: str, done: list[str]) -> None:
    key, _ = TASKS[job]
    well = here.state.tasks.effects.pop(key)

    def fail() -> None:
        raise TaskFailed("the disk is full")

    here.state.tasks.effects[key] = fail
    failure, run = await here.fail(job)
    assert "ended as failed: the disk is full" in failure.message and failure.retry
    here.state.tasks.effects[key] = well
    assert (await here.run(job, again=run))[0].summary.startswith(ONCE) and done == [key]


async def test_a_key_that_is_revoked_in_the_middle(here: Anime, job: str, done: list[str]) -> None:
    """Nobody can be asked how it went: it is looked at again with another key."""
    key, _ = TASKS[job]
    here.state.tasks.hold(key)
    failure, run = await here.failing_meanwhile(job, LOOK, lambda: here.jellyfin.faults.answer(LOOK, 401), method="GET")
    assert "does not accept the token (401)" in failure.message
    here.jellyfin.faults.clear()
    here.state.tasks.release(key)
    result, _ = await here.run(job, again=run)
    assert result.summary.startswith(ONCE) and done.count(key) >= 1
