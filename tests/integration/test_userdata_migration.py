"""What people had watched of an item that Jellyfin has given another id comes back to the new one, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.workers.shokofin.userdata.terms import History
from tests.simulators.jellyfin_item import MediaItem
from tests.support.viewing import Viewing, viewing
from tests.unit.test_userdata_rules import MINUTE, NOW, OLD, begun, seen

LATER = pytest.mark.parametrize("here", ["10.10.7", "10.11.11", "12.0.0"], indirect=True)
JOB, TASK = "migrate_user_data", "ShokoMigrateEpisodeUserDataTask"
WRITE = "/UserItems/*/UserData"
NOTHING = "nothing to do. Shokofin on Attic has no task for this any more"


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Viewing]:
    """The parameter is Jellyfin's version."""
    async with viewing(postgres, folder, lambda: NOW, jellyfin=getattr(request, "param", "10.11.11")) as opened:
        yield opened


async def a_history(here: Viewing) -> tuple[list[MediaItem], dict[str, list[History]]]:
    """Kim has watched all of a show, Ann has begun every other episode; what each has of the items."""
    await here.join("kim", "ann", mapped=False)
    items = here.anime.fill("show", series=2, episodes=10)
    for number, item in enumerate(items):
        here.watched("kim", item, seen(OLD + timedelta(days=number)))
        if number % 2:
            here.watched("ann", item, begun(OLD, MINUTE * number))
    return items, histories(here, items)


def histories(here: Viewing, items: list[MediaItem]) -> dict[str, list[History]]:
    """What each person has of the items."""
    return {name: [here.on_jellyfin(name, item) for item in items] for name in ("kim", "ann")}


def renumbered(here: Viewing, items: list[MediaItem]) -> list[MediaItem]:
    """The files lie elsewhere: each item has another id, and nobody has watched it."""
    return [here.anime.media.move(item.id, f"/moved{item.path}") for item in items]


@LATER
async def test_what_was_watched_comes_to_the_new_items_once(here: Viewing) -> None:
    items, before = await a_history(here)
    first, _ = await here.run(JOB)
    assert first.summary.startswith(NOTHING) and first.summary.endswith(": 15 now")
    items = renumbered(here, items)
    assert set(histories(here, items)["kim"]) == {History()}
    result, run = await here.run(JOB)
    assert result.summary.startswith("15 given back to new items. Shokofin on Attic has no task for this any more")
    assert histories(here, items) == before
    assert len(run.changes) == 15 and set(run.states.values()) == {"done"}
    assert (await here.run(JOB))[0].summary.startswith(NOTHING)
    assert (await here.run(JOB, undoes=run.id))[0].summary == "15 taken back"
    assert set(histories(here, items)["kim"]) == {History()}
    assert (await here.run(JOB))[0].summary.startswith(NOTHING)


async def test_a_rehearsal_gives_nothing_back_and_remembers_nothing(here: Viewing) -> None:
    items, _ = await a_history(here)
    dry, _ = await here.run(JOB, dry_run=True)
    assert dry.summary.endswith(": 0 now")
    await here.run(JOB)
    items = renumbered(here, items)
    assert (await here.run(JOB, dry_run=True))[0].summary.startswith("15 changes planned")
    assert set(histories(here, items)["kim"]) == {History()}


async def test_a_history_of_its_own_stays_and_what_was_taken_back_does_not_return(here: Viewing) -> None:
    items, _ = await a_history(here)
    await here.run(JOB)
    here.watched("kim", items[0], History())
    await here.run(JOB)
    items = renumbered(here, items)
    here.watched("kim", items[1], begun(NOW))
    assert (await here.run(JOB))[0].summary.startswith("13 given back to new items")
    assert here.on_jellyfin("kim", items[0]) == History()
    assert here.on_jellyfin("kim", items[1]) == begun(NOW)


async def test_another_file_of_the_same_episode_is_an_heir_too(here: Viewing) -> None:
    items, before = await a_history(here)
    await here.run(JOB)
    items = renumbered(here, items)
    for number, item in enumerate(items):
        item.provider_ids["Shoko File"] = str(1000 + number)
    assert (await here.run(JOB))[0].summary.startswith("15 given back to new items")
    assert histories(here, items) == before
    for item in items:
        here.watched("kim", item, History())
    assert (await here.run(JOB))[0].summary.startswith(NOTHING), "it is the new item's, and was taken back there"


async def test_what_a_killed_attempt_left_is_ended_by_the_next(here: Viewing) -> None:
    items, before = await a_history(here)
    await here.run(JOB)
    items = renumbered(here, items)
    run = await here.killed(JOB, here.anime.jellyfin, WRITE, method="POST", after=6)
    assert histories(here, items) != before
    result, _ = await here.run(JOB, again=run)
    assert result.summary.startswith("15 given back to new items")
    assert histories(here, items) == before


@pytest.mark.parametrize("here", ["10.9.11"], indirect=True)
async def test_jellyfin_10_9_has_the_plugins_task_and_what_it_shows_is_remembered_for_later(here: Viewing) -> None:
    items, before = await a_history(here)
    done: list[str] = []
    here.anime.state.tasks.effects[TASK] = lambda: done.append(TASK)
    assert (await here.run(JOB))[0].summary == "1 run by Shokofin"
    assert done == [TASK]
    here.anime.jellyfin.version = "10.11.11"
    items = renumbered(here, items)
    assert (await here.run(JOB))[0].summary.startswith("15 given back to new items")
    assert histories(here, items) == before and done == [TASK]


async def test_a_person_whose_history_is_not_to_be_had_stops_nobody_else(here: Viewing) -> None:
    items, before = await a_history(here)
    await here.run(JOB)
    items = renumbered(here, items)
    here.anime.jellyfin.faults.answer("/Items", 500, query={"userId": here.user("ann").id})
    failure, _ = await here.fail(JOB)
    assert failure.message.startswith("10 given back to new items; 1 failed (ann: ") and failure.retry
    here.anime.jellyfin.faults.clear()
    assert (await here.run(JOB))[0].summary.startswith("5 given back to new items")
    assert histories(here, items) == before
