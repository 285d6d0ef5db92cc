"""The jobs of Shokofin that we do ourselves, at each version of both servers, killed, scanned into, and refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from services.workers.door import JobFailed, Result
from tests.support.recorded import RecordedRun
from tests.support.shokofin_scenes import HALF, SCENES, STEPS, VERSIONS, Scene
from tests.support.viewing import Viewing, viewing
from tests.unit.test_userdata_rules import NOW

SCAN, MIGRATE = "RefreshLibrary", "migrate_user_data"
BATCH = 25

pytestmark = [
    pytest.mark.slow,
    VERSIONS,
]
of_each = pytest.mark.parametrize("scene", SCENES, ids=[scene.job for scene in SCENES])


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Viewing]:
    """The parameter is Jellyfin's version, and Shoko's."""
    jellyfin, shoko = request.param
    async with viewing(postgres, folder, lambda: NOW, jellyfin=jellyfin, shoko=shoko) as opened:
        yield opened


async def set_up(here: Viewing, scene: Scene) -> None:
    """The scene, with nothing done yet."""
    if scene.job == MIGRATE and here.anime.jellyfin.version.startswith("10.9"):
        pytest.skip("there, the plugin's own task does it: see the jobs that are tasks")
    await scene.prepare(here)
    assert scene.done(here) == 0


async def ended(here: Viewing, scene: Scene, run: RecordedRun | None = None) -> None:
    """All is done by the next attempt, or by another run; then nothing is left to do."""
    result, _ = await here.run(scene.job, again=run)
    assert result.outcome == "succeeded" and scene.done(here) == STEPS
    assert "nothing to do" in (await here.run(scene.job))[0].summary and scene.done(here) == STEPS


async def meanwhile(here: Viewing, scene: Scene, happens: Callable[[], None], after: int = HALF) -> Any:
    """An attempt half-way through which something happens; its result, or how it failed, and the run."""
    server, run = scene.server(here), RecordedRun(scene.job)
    released = server.faults.hold(scene.at, method=scene.method, after=after, times=1)
    task = asyncio.ensure_future(here.anime.handler(scene.job)(run))
    await server.requests.reach(after + 1, scene.method, scene.at)
    happens()
    released.set()
    (end,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(end, Result | JobFailed), end
    return end, run


@of_each
async def test_what_was_killed_half_way_is_ended_by_the_next_attempt(here: Viewing, scene: Scene) -> None:
    await set_up(here, scene)
    run = await here.killed(scene.job, scene.server(here), scene.at, method=scene.method, after=HALF)
    assert 0 < scene.done(here) < STEPS
    await ended(here, scene, run)


@of_each
async def test_a_scan_that_begins_in_the_middle(here: Viewing, scene: Scene) -> None:
    """It stops what rearranges the library before the next batch; what people have watched is no matter of scans."""
    await set_up(here, scene)
    end, run = await meanwhile(here, scene, lambda: here.anime.state.tasks.begin(SCAN, 0.42))
    if scene.needs_library:
        assert isinstance(end, JobFailed) and end.retry and "library scan on Attic" in end.message
        assert scene.done(here) == BATCH
        here.anime.state.tasks.finish(SCAN)
        await ended(here, scene, run)
    else:
        assert isinstance(end, Result) and scene.done(here) == STEPS


@of_each
async def test_a_key_that_is_revoked_in_the_middle(here: Viewing, scene: Scene) -> None:
    """What was done stays done, and once a good key is there the rest is done."""
    await set_up(here, scene)
    server = scene.server(here)
    failure, run = await meanwhile(here, scene, lambda: server.faults.answer(scene.at, 401, method=scene.method))
    assert isinstance(failure, JobFailed) and "does not accept the token (401)" in failure.message
    assert 0 < scene.done(here) < STEPS
    server.faults.clear()
    await scene.renew(here)
    await ended(here, scene, run if failure.retry else None)


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.with_shoko], ids=lambda scene: scene.job)
async def test_one_person_whose_key_was_revoked_keeps_no_other_waiting(here: Viewing, scene: Scene) -> None:
    await set_up(here, scene)
    state = here.anime.shoko.state
    state.revoke(state.key_of("ann"))
    failure, _ = await here.fail(scene.job)
    assert "ann" in failure.message and "kim" not in failure.message
    assert scene.done(here) == HALF
    await here.map("ann")
    await ended(here, scene)


@of_each
async def test_one_item_that_fails_keeps_no_other_from_being_done(here: Viewing, scene: Scene) -> None:
    await set_up(here, scene)
    scene.server(here).faults.answer(scene.at, 500, method=scene.method, after=HALF, times=2)
    failure, run = await here.fail(scene.job)
    assert failure.retry and "1 failed" in failure.message and "status 500" in failure.message
    assert scene.done(here) == STEPS - 1
    await ended(here, scene, run)
