"""What people have watched is exported, imported and kept in step: case by case, once, to the end, and back again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.workers.shokofin.userdata.rules import alike, alike_on_shoko
from services.workers.shokofin.userdata.terms import Direction, History, Stats
from services.workers.shokofin.userdata.viewers import accounts_of, viewer_of
from tests.simulators.jellyfin_item import MediaItem
from tests.support.viewing import Viewing, viewing
from tests.unit.test_userdata_rules import CASES, DIRECTIONS, NEW, NOW, OLD, resumed, seen, told

EACH = pytest.mark.parametrize("here", [("10.9.11", "5.3"), ("10.11.11", "5.3"), ("12.0.0", "6.0")], indirect=True)
JOBS = {"export": "export_user_data", "import": "import_user_data", "sync": "sync_user_data"}
SYNC = JOBS["sync"]
PUT, WRITE = "/api/v3/File/*/UserStats", "/UserItems/*/UserData"


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Viewing]:
    """The parameter is Jellyfin's version, and Shoko's."""
    jellyfin, shoko = getattr(request, "param", ("10.11.11", "5.3"))
    async with viewing(postgres, folder, lambda: NOW, jellyfin=jellyfin, shoko=shoko) as opened:
        yield opened


@EACH
@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_every_case_of_the_table_comes_to_its_end_once_and_is_taken_back(
    here: Viewing, direction: Direction
) -> None:
    await here.join("kim", "ann")
    items = here.anime.fill("show", series=3, episodes=len(CASES))
    for item, (local, remote, *_) in zip(items, CASES.values(), strict=True):
        here.watched("kim", item, local)
        here.told("kim", item, remote)
    before = here.both(["kim"], items)
    result, run = await here.run(JOBS[direction])
    wanted = [wishes[DIRECTIONS.index(direction)] for _, _, *wishes in CASES.values()]
    for name, item, (local, remote), (jellyfin, shoko) in zip(CASES, items, before, wanted, strict=True):
        assert here.on_jellyfin("kim", item) == (jellyfin or local), name
        assert here.on_shoko("kim", item) == (shoko or remote), name
    assert result.outcome == "succeeded" and len(run.changes) == sum(wish != (None, None) for wish in wanted) > 0
    assert set(run.states.values()) == {"done"} and not run.held
    assert all(change.target.endswith(" for kim on Attic") and change.why for change in run.changes)
    assert here.anime.jellyfin.journal.count("userdata.played") == 0
    assert (await here.run(JOBS[direction]))[0].summary == "nothing to do"
    undone, _ = await here.run(JOBS[direction], undoes=run.id)
    assert undone.summary == f"{len(run.changes)} taken back"
    for (local, remote), (was_local, was_remote) in zip(here.both(["kim"], items), before, strict=True):
        assert alike(local, was_local) and alike_on_shoko(remote, was_remote)


def watched_by_all(here: Viewing, names: list[str], items: list[MediaItem]) -> None:
    """Each person has watched one half on Jellyfin, and the other on Shoko."""
    for name in names:
        for number, item in enumerate(items):
            if number % 2:
                here.watched(name, item, seen(OLD))
            else:
                here.told(name, item, told(NEW))


def in_step(here: Viewing, names: list[str], items: list[MediaItem]) -> list[bool]:
    """Whether each person has the same of each item on both sides."""
    return [
        history.played and stats is not None and stats.last_watched_at == history.last_played_at
        for history, stats in here.both(names, items)
    ]


async def test_a_rehearsal_tells_the_plan_and_writes_nothing(here: Viewing) -> None:
    await here.join("kim", "ann")
    items = here.anime.fill("show", series=2, episodes=10)
    watched_by_all(here, ["kim", "ann"], items)
    before = here.both(["kim", "ann"], items)
    result, run = await here.run(SYNC, dry_run=True)
    assert result.summary == "20 changes planned" and len(run.changes) == 20
    assert here.both(["kim", "ann"], items) == before
    assert await here.anime.tools.ledger.of_run(run.id) == []


@pytest.mark.parametrize("where", ["jellyfin", "shoko"])
async def test_what_a_killed_attempt_left_is_ended_by_the_next(here: Viewing, where: str) -> None:
    await here.join("kim", "ann")
    items = here.anime.fill("show", series=2, episodes=20)
    watched_by_all(here, ["kim", "ann"], items)
    if where == "jellyfin":
        run = await here.killed(SYNC, here.anime.jellyfin, WRITE, method="POST", after=7)
    else:
        run = await here.killed(SYNC, here.anime.shoko, PUT, method="PUT", after=7)
    done = sum(in_step(here, ["kim", "ann"], items))
    assert 0 < done < 40
    result, _ = await here.run(SYNC, again=run)
    assert result.outcome == "succeeded"
    assert all(in_step(here, ["kim", "ann"], items))
    assert here.anime.shoko.journal.count("stats.put") == 20, "no effect was made twice"
    rows = await here.anime.tools.ledger.of_run(run.id)
    assert len(rows) == 40 and {row.state for row in rows} == {"done"}


async def test_a_key_that_is_refused_is_marked_and_stops_nobody_else(here: Viewing) -> None:
    await here.join("kim", "ann")
    items = here.anime.fill("show", series=2, episodes=10)
    watched_by_all(here, ["kim", "ann"], items)
    state = here.anime.shoko.state
    state.revoke(state.key_of("ann"))
    failure, _ = await here.fail(SYNC)
    assert failure.message.startswith("5 exported to Shoko, 5 imported to Jellyfin; 1 failed (ann: ")
    assert not failure.retry
    assert all(in_step(here, ["kim"], items)) and not any(in_step(here, ["ann"], items))
    people = await here.anime.tools.shoko_users.listed(here.shoko.id)
    assert {person.person: person.state for person in people} == {"kim": "ok", "ann": "revoked"}
    result, _ = await here.run(SYNC)
    assert result.summary == "nothing to do. ann is left out, as Shoko no longer takes the key of ann: enter it anew"
    await here.map("ann")
    assert (await here.run(SYNC))[0].summary == "5 exported to Shoko, 5 imported to Jellyfin"
    assert all(in_step(here, ["kim", "ann"], items))


async def test_a_key_that_is_revoked_in_the_middle_costs_only_its_own_steps(here: Viewing) -> None:
    await here.join("kim", "ann")
    items = here.anime.fill("show", series=2, episodes=10)
    for name in ("kim", "ann"):
        for item in items:
            here.watched(name, item, seen(OLD))
    state = here.anime.shoko.state
    key = state.key_of("ann")
    released = here.anime.shoko.faults.hold(PUT, method="PUT", times=1)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(here.fail("export_user_data"))
        await here.anime.shoko.requests.reach(1, "PUT", PUT)
        state.revoke(key)
        released.set()
    failure, _ = task.result()
    assert "exported to Shoko" in failure.message and "ann" in failure.message
    assert all(here.on_shoko("kim", item) == told(OLD) for item in items)
    people = await here.anime.tools.shoko_users.listed(here.shoko.id)
    assert {person.person: person.state for person in people} == {"kim": "ok", "ann": "revoked"}


async def test_who_is_forgotten_in_the_middle_is_told_nothing_more(here: Viewing) -> None:
    await here.join("kim")
    for item in here.anime.fill("show", series=2, episodes=10):
        here.watched("kim", item, seen(OLD))
    (person,) = await here.anime.tools.shoko_users.listed(here.shoko.id)
    released = here.anime.shoko.faults.hold(PUT, method="PUT", times=1)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(here.run("export_user_data"))
        await here.anime.shoko.requests.reach(1, "PUT", PUT)
        await here.anime.tools.shoko_users.remove(here.shoko.id, person.person_id)
        released.set()
    result, _ = task.result()
    assert result.summary.startswith("1 exported to Shoko, 9 skipped (")
    assert result.summary.endswith(" and 6 more: nobody says any more which user of Shoko this person is)")


@pytest.mark.parametrize("trouble", ["plan", "write"])
async def test_an_item_that_fails_stops_no_other(here: Viewing, trouble: str) -> None:
    await here.join("kim")
    items = here.anime.fill("show", series=2, episodes=10)
    watched_by_all(here, ["kim"], items)
    file = items[3].provider_ids["Shoko File"]
    method = "GET" if trouble == "plan" else "PUT"
    here.anime.shoko.faults.answer(f"/api/v3/File/{file}/UserStats", 500, method=method)
    failure, _ = await here.fail(SYNC)
    assert items[3].series_name in failure.message and failure.retry
    assert [not same for same in in_step(here, ["kim"], items)] == [item is items[3] for item in items]
    here.anime.shoko.faults.clear()
    assert (await here.run(SYNC))[0].summary == "1 exported to Shoko"


async def test_a_user_whose_history_is_not_to_be_had_stops_nobody_else(here: Viewing) -> None:
    await here.join("kim", "ann")
    items = here.anime.fill("show", series=2, episodes=10)
    watched_by_all(here, ["kim", "ann"], items)
    here.anime.jellyfin.faults.answer("/Items", 500, query={"userId": here.user("ann").id})
    failure, _ = await here.fail(SYNC)
    assert failure.message.startswith("5 exported to Shoko, 5 imported to Jellyfin; 1 failed (ann: ")
    assert all(in_step(here, ["kim"], items)) and failure.retry


async def test_with_nobody_mapped_it_is_skipped_and_says_what_to_do(here: Viewing) -> None:
    await here.join("kim", mapped=False)
    here.anime.fill("show", series=2, episodes=10)
    here.anime.jellyfin.requests.clear()
    result, _ = await here.run(SYNC)
    assert result.outcome == "skipped" and "docs/shoko.md" in result.summary
    assert here.anime.jellyfin.requests.count("GET", "/Items") == 0


async def test_without_a_shoko_server_it_is_skipped_and_says_so(here: Viewing) -> None:
    for shoko in await here.anime.tools.directory.servers("shoko"):
        await here.anime.tools.directory.remove_server(shoko.id)
    result, _ = await here.run(SYNC)
    assert result.outcome == "skipped" and result.summary.startswith("no Shoko Server is set up: add")


async def test_who_is_forgotten_while_it_is_looked_up_takes_no_part(here: Viewing) -> None:
    await here.join("kim")
    tools = here.anime.tools
    (shoko,) = await tools.directory.servers("shoko")
    (person,) = await tools.shoko_users.listed(shoko.id)
    account = next(each for each in await accounts_of(tools.directory, here.anime.server) if each.username == "kim")
    assert await viewer_of(tools, person, account) is not None
    await tools.shoko_users.remove(shoko.id, person.person_id)
    assert await viewer_of(tools, person, account) is None


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_the_plugins_own_task_can_do_it_in_our_place(here: Viewing, direction: Direction) -> None:
    await here.join("kim", mapped=False)
    done: list[str] = []
    key = f"Shoko{direction.capitalize()}UserData"
    here.anime.state.tasks.effects[key] = lambda: done.append(key)
    result, run = await here.run(JOBS[direction], plugin=True)
    assert result.summary == "1 run by Shokofin" and done == [key]
    undone, _ = await here.run(JOBS[direction], undoes=run.id)
    assert "can't be taken back" in undone.summary


async def test_what_does_not_take_part_is_left_alone(here: Viewing) -> None:
    await here.join("kim")
    adult, virtual, ours = here.anime.fill("show", series=1, episodes=3)
    stranger = here.anime.media.add_movie(here.anime.library("movie").item_id, "Home video")
    adult.custom_rating, virtual.virtual = "XXX", True
    for item in (adult, virtual, ours, stranger):
        here.watched("kim", item, seen(OLD))
    assert (await here.run("export_user_data"))[0].summary == "1 exported to Shoko"
    assert here.on_shoko("kim", adult) is None and here.on_shoko("kim", virtual) is None
    assert (await here.run("export_user_data", restricted=True))[0].summary == "1 exported to Shoko"
    assert here.on_shoko("kim", adult) == told(OLD) and here.on_shoko("kim", virtual) is None


async def test_each_version_has_its_own_history_and_what_a_user_does_not_see_has_none(here: Viewing) -> None:
    await here.join("kim", "ann")
    items = here.anime.fill("show", series=2, episodes=10, doubles=2)
    first, second = here.pair(items)
    here.watched("kim", first, seen(OLD))
    here.watched("kim", second, History(position_ticks=60_000 * 10_000, last_played_at=NEW))
    here.told("ann", first, told(OLD))
    here.blind("ann")
    result, _ = await here.run(SYNC)
    assert result.summary == "2 exported to Shoko"
    assert here.on_shoko("kim", first) == told(OLD)
    assert here.on_shoko("kim", second) == resumed(NEW)
    assert here.on_jellyfin("ann", first) == History()


async def test_of_a_file_with_two_episodes_the_one_played_last_speaks(here: Viewing) -> None:
    await here.join("kim")
    first, second = here.anime.fill("show", series=1, episodes=2)
    second.provider_ids["Shoko File"] = first.provider_ids["Shoko File"]
    here.watched("kim", first, seen(OLD))
    here.watched("kim", second, seen(NEW))
    result, _ = await here.run(SYNC)
    assert result.summary == "1 exported to Shoko, 1 imported to Jellyfin"
    assert here.on_shoko("kim", first) == told(NEW)
    assert here.on_jellyfin("kim", first) == here.on_jellyfin("kim", second) == seen(NEW)
    assert (await here.run(SYNC))[0].summary == "nothing to do"


async def test_what_changes_between_the_plan_and_its_step_is_not_written_over(here: Viewing) -> None:
    await here.join("kim")
    (item,) = here.anime.fill("show", series=1, episodes=1)
    here.told("kim", item, told(OLD))
    _, run = await here.run(SYNC)
    later = Stats(count=2, last_watched_at=NOW, last_updated_at=NOW)
    here.watched("kim", item, History(count=2, played=True, last_played_at=NOW))
    undone, _ = await here.run(SYNC, undoes=run.id)
    assert "1 skipped" in undone.summary and "watched on Jellyfin meanwhile" in undone.summary
    assert (await here.run(SYNC))[0].summary == "1 exported to Shoko"
    assert here.on_shoko("kim", item) == later


async def test_a_shoko_whose_list_tells_nothing_is_asked_file_by_file(here: Viewing) -> None:
    await here.join("kim")
    items = here.anime.fill("show", series=2, episodes=10)
    watched_by_all(here, ["kim"], items)
    here.anime.shoko.faults.answer("/api/v3/File", 404)
    result, _ = await here.run(SYNC)
    assert result.summary == "5 exported to Shoko, 5 imported to Jellyfin"
    assert all(in_step(here, ["kim"], items))


async def test_where_the_lists_agree_no_file_is_asked_for(here: Viewing) -> None:
    await here.join("kim")
    items = here.anime.fill("show", series=2, episodes=200)
    watched_by_all(here, ["kim"], items)
    await here.run(SYNC)
    here.anime.shoko.requests.clear()
    assert (await here.run(SYNC))[0].summary == "nothing to do"
    assert here.anime.shoko.requests.count("GET", PUT) == 0
    assert here.anime.shoko.requests.count() < 10
