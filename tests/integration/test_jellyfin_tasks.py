"""A Jellyfin server's scheduled tasks: found, started, followed, cancelled; and whether it is scanning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.workers.clients.jellyfin_tasks import JellyfinTasks, Scan, TaskBusy, TaskMissing
from tests.simulators.jellyfin_state import JellyfinState
from tests.simulators.jellyfin_tasks import SCAN, TaskFailed
from tests.support.town import Town, town
from tests.support.waiting import wait_until

MERGE = "ShokoMergeMovies"


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Town]:
    async with town(postgres, folder) as settled:
        yield settled


@pytest.fixture
def state(here: Town) -> JellyfinState:
    return here.outside.jellyfin[0].state


@pytest.fixture
async def tasks(here: Town, state: JellyfinState) -> JellyfinTasks:
    server = await here.server(state.server.name)
    return JellyfinTasks(await here.clients.jellyfin(server, await here.directory.token(server.id)))


def nowhere(share: float, note: str) -> None:
    """A step that nobody is told of."""


async def test_hidden_tasks_are_listed_too(tasks: JellyfinTasks, state: JellyfinState) -> None:
    found = {task.key: task for task in await tasks.tasks()}
    assert state.tasks[MERGE].advanced
    assert (found[MERGE].state, found[MERGE].share, found[MERGE].last_result) == ("Idle", None, None)


async def test_a_scan_is_one_of_all_libraries_or_of_one(tasks: JellyfinTasks, state: JellyfinState) -> None:
    assert await tasks.scan() is None
    state.tasks.begin(SCAN, share=0.42)
    assert await tasks.scan() == Scan(0.42)
    state.tasks.hold(SCAN, stubborn=True)
    state.tasks.cancel(SCAN)
    assert await tasks.scan() == Scan(0.42), "what is being cancelled is still at work"
    state.tasks.release(SCAN)
    first, second = [library.item_id for library in state.libraries.values()][:2]
    state.refreshing |= {first: 0.5, second: None}
    assert await tasks.scan() == Scan(0.0)
    del state.refreshing[second]
    assert await tasks.scan() == Scan(0.5)
    state.refreshing.clear()
    assert await tasks.scan() is None


async def test_a_task_is_followed_to_its_end(tasks: JellyfinTasks, state: JellyfinState) -> None:
    told: list[float] = []
    state.tasks.hold(MERGE)
    begun = await tasks.begin(MERGE)
    following = asyncio.ensure_future(tasks.follow(begun, lambda share, _: told.append(share)))
    state.tasks.get_on(MERGE, 0.25)
    await wait_until(lambda: 0.25 in told, what="progress")
    with pytest.raises(TaskBusy):
        await tasks.begin(MERGE)
    state.tasks.release(MERGE)
    assert (await following).status == "Completed"


async def test_a_task_that_ends_before_anybody_looks_has_ended_all_the_same(
    tasks: JellyfinTasks, state: JellyfinState
) -> None:
    """Also the second time, when there is an end already: it is told by its beginning."""
    first = await tasks.follow(await tasks.begin(MERGE), nowhere)
    second = await tasks.follow(await tasks.begin(MERGE), nowhere)
    assert second.started_at > first.started_at


async def test_how_a_task_failed_is_told(tasks: JellyfinTasks, state: JellyfinState) -> None:
    def fail() -> None:
        raise TaskFailed("Shoko is away")

    state.tasks.effects[MERGE] = fail
    result = await tasks.follow(await tasks.begin(MERGE), nowhere)
    assert (result.status, result.error) == ("Failed", "Shoko is away")


async def test_a_task_is_cancelled(tasks: JellyfinTasks, state: JellyfinState) -> None:
    state.tasks.hold(MERGE)
    begun = await tasks.begin(MERGE)
    await tasks.cancel(MERGE)
    assert (await tasks.follow(begun, nowhere)).status == "Cancelled"
    await tasks.cancel(MERGE)


async def test_a_task_that_is_not_there_is_missing(tasks: JellyfinTasks, state: JellyfinState) -> None:
    state.plugins.clear()
    with pytest.raises(TaskMissing, match=r"has no task ShokoMergeMovies: is its plugin installed"):
        await tasks.begin(MERGE)
