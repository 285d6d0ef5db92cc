"""What only the plugin can do is started in Jellyfin, followed to its end, and told as it ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.workers.door import JobFailed
from services.workers.shokofin.delegation import Delegated
from services.workers.shokofin.handler import OnEachServer
from tests.simulators.jellyfin_tasks import TaskFailed
from tests.support.anime import SHOKO, Anime, anime
from tests.support.recorded import RecordedRun

EACH = pytest.mark.parametrize(
    "here", [("10.9.11", "5.3.0"), ("10.11.11", "5.3.0"), ("12.0.0", "6.0.0")], indirect=True
)
CACHE, ROOTS, VERSION = "ShokoClearPluginCache", "ShokoCleanupVirtualRoot", "ShokoVersionCheck"
START, SCAN = "/ScheduledTasks/Running/*", "RefreshLibrary"


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Anime]:
    """The parameter is Jellyfin's version, and Shoko's."""
    jellyfin, shoko = getattr(request, "param", ("10.11.11", "5.3.0"))
    async with anime(postgres, folder, jellyfin=jellyfin, shoko=shoko) as opened:
        yield opened


@EACH
@pytest.mark.parametrize(("job", "key"), [("cleanup_vfs_roots", ROOTS), ("clear_plugin_cache", CACHE)])
async def test_the_task_is_run_to_its_end(here: Anime, job: str, key: str) -> None:
    done: list[str] = []
    here.state.tasks.effects[key] = lambda: done.append(key)
    result, run = await here.run(job)
    assert (result.outcome, result.summary) == ("succeeded", "1 run by Shokofin")
    assert done == [key] and set(run.states.values()) == {"done"}
    assert run.held == [f"library.{here.server.id.hex}"]
    dry, _ = await here.run(job, dry_run=True)
    assert dry.summary == "1 change planned" and done == [key]


@EACH
async def test_shokos_version_is_noted_and_the_plugin_asks_too(here: Anime) -> None:
    result, _ = await here.run("check_shoko_version")
    assert result.summary == "1 version noted, 1 run by Shokofin"
    shoko = next(server for server in await here.tools.directory.servers("shoko"))
    assert shoko.name == SHOKO and shoko.version.startswith(here.shoko.state.version[:3])
    assert here.jellyfin.journal.count("task.started", VERSION) == 1
    again, run = await here.run("check_shoko_version")
    assert again.summary == "1 run by Shokofin" and run.held == []


async def test_without_a_shoko_server_the_plugin_asks_alone_and_the_run_says_so(here: Anime) -> None:
    for shoko in await here.tools.directory.servers("shoko"):
        await here.tools.directory.remove_server(shoko.id)
    result, _ = await here.run("check_shoko_version")
    assert result.summary.startswith("1 run by Shokofin. Nothing says which Shoko Server is behind Attic")


@pytest.mark.parametrize("job", ["cleanup_vfs_roots", "clear_plugin_cache"])
async def test_none_is_begun_during_a_scan(here: Anime, job: str) -> None:
    here.state.tasks.begin(SCAN, 0.1)
    result, _ = await here.run(job)
    assert (result.outcome, result.summary) == ("skipped", "library scan on Attic")
    assert here.jellyfin.journal.count("task.*") == 0


async def test_a_task_that_declined_is_no_success_although_it_says_so(here: Anime) -> None:
    result, run = await here.meanwhile("cleanup_vfs_roots", START, lambda: here.state.tasks.begin(SCAN))
    assert result.outcome == "skipped" and "declined, since a library scan had begun" in result.summary
    assert set(run.states.values()) == {"skipped"}


async def test_that_a_scan_began_while_one_ran_that_does_not_look_is_told(here: Anime) -> None:
    _, run = await here.meanwhile("clear_plugin_cache", START, lambda: here.state.tasks.begin(SCAN))
    (row,) = await here.tools.ledger.of_run(run.id)
    assert (row.state, row.detail) == ("done", "a library scan began while it ran")


async def test_one_that_is_under_way_is_left_alone(here: Anime) -> None:
    here.state.tasks.begin(CACHE)
    result, _ = await here.run("clear_plugin_cache")
    assert result.outcome == "skipped" and "Attic is at it already" in result.summary
    assert here.jellyfin.journal.count("task.*") == 0


async def test_how_it_failed_is_told(here: Anime) -> None:
    def fail() -> None:
        raise TaskFailed("the disk is full")

    here.state.tasks.effects[ROOTS] = fail
    failure, run = await here.fail("cleanup_vfs_roots")
    assert "ended as failed: the disk is full" in failure.message and failure.retry
    del here.state.tasks.effects[ROOTS]
    result, _ = await here.run("cleanup_vfs_roots", again=run)
    assert result.summary == "1 run by Shokofin"


async def test_when_somebody_cancels_it_on_the_server_it_has_failed(here: Anime) -> None:
    here.state.tasks.hold(CACHE)
    failure, _ = await here.failing_meanwhile(
        "clear_plugin_cache", "/ScheduledTasks/*", lambda: here.state.tasks.cancel(CACHE), method="GET"
    )
    assert "ended as cancelled" in failure.message


async def test_a_cancel_of_ours_cancels_theirs(here: Anime) -> None:
    here.state.tasks.hold(CACHE)
    await here.killed("clear_plugin_cache", "/ScheduledTasks/*", method="GET", after=0)
    assert here.jellyfin.journal.count("task.cancelled", CACHE) == 1
    assert here.state.tasks[CACHE].state == "Idle"


async def test_the_next_attempt_follows_what_a_dead_one_has_begun(here: Anime) -> None:
    here.state.tasks.hold(CACHE)
    here.jellyfin.faults.answer(START, 500, method="DELETE")
    run = await here.killed("clear_plugin_cache", "/ScheduledTasks/*", method="GET", after=0)
    assert here.state.tasks[CACHE].state == "Running"
    here.state.tasks.release(CACHE)
    result, _ = await here.run("clear_plugin_cache", again=run)
    assert result.summary == "1 run by Shokofin"
    assert here.jellyfin.journal.count("task.started", CACHE) == 1


async def test_what_was_broken_off_is_begun_anew(here: Anime) -> None:
    here.state.tasks.hold(CACHE)
    run = await here.killed("clear_plugin_cache", "/ScheduledTasks/*", method="GET", after=0)
    here.state.tasks.release(CACHE)
    result, _ = await here.run("clear_plugin_cache", again=run)
    assert result.summary == "1 run by Shokofin"
    assert here.jellyfin.journal.count("task.started", CACHE) == 2


async def test_where_the_plugin_is_not_installed_there_is_nothing_to_do(here: Anime) -> None:
    here.state.plugins.clear()
    result, _ = await here.run("clear_plugin_cache")
    assert result.summary == "nothing to do. Shokofin is not installed on Attic"


async def test_a_task_that_this_version_lacks_is_named(here: Anime) -> None:
    work = Delegated("ShokoMigrateEpisodeUserDataTask", needs_library=False)
    with pytest.raises(JobFailed, match=r"Shokofin .* on Attic has no task ShokoMigrateEpisodeUserDataTask") as failed:
        await OnEachServer(here.tools, work)(RecordedRun("migrate_user_data"))
    assert not failed.value.retry
