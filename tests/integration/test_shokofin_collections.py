"""The plugin's box sets are brought to what Shoko says, nobody else's is touched, and an undo puts all back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.simulators.jellyfin_item import MediaItem
from tests.support.anime import ATTIC, Anime, anime

EACH = pytest.mark.parametrize(
    "here", [("10.9.11", "5.3.0"), ("10.11.11", "6.0.0"), ("12.0.0", "6.0.0")], indirect=True
)
JOB, SCAN = "reconstruct_collections", "RefreshLibrary"
FILL = "/Collections/*/Items"


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Anime]:
    """The parameter is Jellyfin's version, and Shoko's."""
    jellyfin, shoko = getattr(request, "param", ("10.11.11", "5.3.0"))
    async with anime(postgres, folder, jellyfin=jellyfin, shoko=shoko) as opened:
        yield opened


def box_sets(here: Anime) -> dict[str, set[str]]:
    """What is in each set, by names."""
    names = {item.id: item.name or "" for item in here.media}
    return {
        f"{item.name} {sorted(item.provider_ids.items())}": {names[member] for member in item.members}
        for item in here.media
        if item.type == "BoxSet"
    }


def by_series(items: list[MediaItem]) -> dict[str, set[str]]:
    """The names of items by their series."""
    found: dict[str, set[str]] = {}
    for item in items:
        found.setdefault(item.provider_ids["Shoko Series"], set()).add(item.name or "")
    return found


def group_set(here: Anime, group: int) -> MediaItem:
    """The set of a group of Shoko."""
    return next(item for item in here.media if item.provider_ids.get("ShokoCollectionGroup") == str(group))


def members(here: Anime, box_set: MediaItem) -> set[str]:
    """Of a set."""
    return {here.media[number].name or "" for number in box_set.members}


@EACH
async def test_a_set_for_each_series_of_films(here: Anime) -> None:
    films = here.fill("movie", series=6, episodes=20)
    here.plugin(CollectionGrouping="Movies")
    result, run = await here.run(JOB)
    assert (result.outcome, result.summary) == ("succeeded", "6 made")
    assert run.held == [f"library.{here.server.id.hex}"]
    assert _names(box_sets(here)) == _names(by_series(films))
    names = {series.name for series in here.shoko.state.collection.series.values()}
    assert {item.name for item in here.media if item.type == "BoxSet"} == names
    assert (await here.run(JOB))[0].summary == "nothing to do"
    undone, _ = await here.run(JOB, undoes=run.id)
    assert undone.summary == "6 removed" and box_sets(here) == {}


@EACH
async def test_the_tree_of_groups_nested(here: Anime) -> None:
    here.fill("show", series=12, episodes=24, nested=True)
    here.plugin(CollectionGrouping="Shared")
    extra = here.media.add_movie(
        here.library("movie").item_id,
        "The Film",
        provider_ids={"Shoko File": "900", "Shoko Episode": "900", "Shoko Series": "3"},
    )
    result, run = await here.run(JOB)
    assert result.summary == "14 made"
    third = here.shoko.state.collection.groups[1003].name
    assert members(here, group_set(here, 1003)) == {third, extra.name}
    assert members(here, group_set(here, 501)) == {
        here.shoko.state.collection.groups[number].name for number in (1010, 1011, 1012)
    }
    assert (await here.run(JOB))[0].summary == "nothing to do"
    undone, _ = await here.run(JOB, undoes=run.id)
    assert undone.summary == "14 removed" and box_sets(here) == {}


@EACH
async def test_what_is_stale_goes_and_what_people_made_stays(here: Anime) -> None:
    here.fill("show", series=12, episodes=24, nested=True)
    here.plugin(CollectionGrouping="Shared")
    await here.run(JOB)
    film = here.media.add_movie(here.library("movie").item_id, "Home video")
    here.media.add_box_set("Favourites", [film])
    group_set(here, 1003).members.append(film.id)
    collection = here.shoko.state.collection
    collection.move_series(4, 1005)
    here.media.changed()
    before = box_sets(here)
    result, run = await here.run(JOB)
    # The group of series 4 is empty now, so that its set goes, and the one above it no longer holds that.
    assert result.summary == "3 changed, 1 removed"
    assert members(here, group_set(here, 1003)) == {collection.groups[1003].name}
    assert len(group_set(here, 1005).members) == 2
    assert box_sets(here)["Favourites []"] == {"Home video"}
    undone, _ = await here.run(JOB, undoes=run.id)
    assert undone.summary == "1 made, 3 changed"
    assert box_sets(here) == before


@EACH
async def test_without_grouping_all_sets_of_the_plugin_go_and_come_back(here: Anime) -> None:
    here.fill("show", series=12, episodes=24, nested=True)
    here.plugin(CollectionGrouping="Shared")
    await here.run(JOB)
    here.media.add_box_set("Favourites", [next(item for item in here.media if item.type == "Series")])
    before, ids = box_sets(here), {item.id for item in here.media if item.type == "BoxSet"}
    here.plugin(CollectionGrouping="None")
    result, run = await here.run(JOB)
    assert result.summary == "14 removed"
    assert list(box_sets(here)) == ["Favourites []"]
    undone, _ = await here.run(JOB, undoes=run.id)
    assert undone.summary == "14 made"
    assert box_sets(here) == before
    assert {item.id for item in here.media if item.type == "BoxSet"} == ids


async def test_a_film_in_two_versions_is_no_collection_unless_one_is_enough(here: Anime) -> None:
    films = here.fill("movie", series=4, episodes=4, doubles=2)
    here.plugin(CollectionGrouping="Movies")
    assert (await here.run(JOB))[0].summary == "nothing to do"
    here.plugin(CollectionMinSizeOfTwo=False)
    assert (await here.run(JOB))[0].summary == "4 made"
    assert sum(map(len, (item.members for item in here.media if item.type == "BoxSet"))) == len(films)


async def test_a_dry_run_tells_the_plan_and_touches_nothing(here: Anime) -> None:
    here.fill("movie", series=6, episodes=20)
    here.plugin(CollectionGrouping="Movies")
    result, run = await here.run(JOB, dry_run=True)
    assert result.summary == "6 changes planned" and len(run.changes) == 6
    assert all(change.target.endswith(f" on {ATTIC}") for change in run.changes)
    assert here.jellyfin.requests.sent() == [] and box_sets(here) == {}


@pytest.mark.parametrize(
    ("at", "after"), [("/Collections", 0), ("/Collections", 3), (FILL, 1), ("/Items/*", 2), ("/Items/*", 13)]
)
async def test_the_next_attempt_ends_what_a_killed_one_began(here: Anime, at: str, after: int) -> None:
    here.fill("show", series=12, episodes=24, nested=True)
    here.plugin(CollectionGrouping="Shared")
    run = await here.killed(JOB, at, after=after)
    result, again = await here.run(JOB, again=run)
    assert result.summary == "14 made"
    assert set(again.states.values()) == {"done"}
    assert len(box_sets(here)) == 14
    assert (await here.run(JOB))[0].summary == "nothing to do"
    undone, _ = await here.run(JOB, undoes=run.id)
    assert undone.summary == "14 removed" and box_sets(here) == {}


async def test_a_scan_that_begins_in_the_middle_stops_it_before_the_next_batch(here: Anime) -> None:
    here.fill("movie", series=30, episodes=60)
    here.plugin(CollectionGrouping="Movies")
    failure, run = await here.failing_meanwhile(
        JOB, "/Collections", lambda: here.state.tasks.begin(SCAN, 0.42), after=9
    )
    assert "library scan on Attic" in failure.message and "(25 of 30 done on Attic" in failure.message
    assert failure.retry and len(box_sets(here)) == 25
    here.state.tasks.finish(SCAN)
    result, _ = await here.run(JOB, again=run)
    assert result.summary == "30 made" and len(box_sets(here)) == 30


async def test_one_that_fails_keeps_none_of_the_others_from_being_done(here: Anime) -> None:
    here.fill("movie", series=6, episodes=20)
    here.plugin(CollectionGrouping="Movies")
    here.jellyfin.faults.answer("/Collections", 500, after=2, times=2)
    failure, run = await here.fail(JOB)
    assert failure.message.startswith("5 made, 1 failed (") and failure.retry
    result, _ = await here.run(JOB, again=run)
    assert result.summary == "6 made" and len(box_sets(here)) == 6


async def test_where_shoko_does_not_answer_nothing_is_touched(here: Anime) -> None:
    here.fill("movie", series=6, episodes=20)
    here.plugin(CollectionGrouping="Movies")
    await here.run(JOB)
    before = box_sets(here)
    await here.shoko.go_down()
    failure, run = await here.fail(JOB)
    assert "Shoko can't be reached" in failure.message and run.changes == []
    await here.shoko.come_up()
    here.shoko.faults.answer("/api/v3/Series/*/Group", 500)
    failure, run = await here.fail(JOB)
    assert "has trouble (status 500)" in failure.message and run.changes == []
    assert box_sets(here) == before


async def test_what_shoko_does_not_know_stays_where_it_is(here: Anime) -> None:
    films = here.fill("movie", series=6, episodes=20)
    here.plugin(CollectionGrouping="Movies")
    await here.run(JOB)
    before = box_sets(here)
    for item in films:
        if item.provider_ids["Shoko Series"] in ("2", "5"):
            item.provider_ids = item.provider_ids | {"Shoko Series": f"77{item.provider_ids['Shoko Series']}"}
    result, run = await here.run(JOB)
    assert result.summary.startswith("nothing to do. ") and "Shoko does not know" in result.summary
    assert run.changes == [] and box_sets(here) == before


async def test_a_set_that_somebody_has_changed_since_is_left_by_the_undo(here: Anime) -> None:
    films = here.fill("movie", series=6, episodes=20)
    here.plugin(CollectionGrouping="Movies")
    _, run = await here.run(JOB)
    changed = next(item for item in here.media if item.type == "BoxSet")
    changed.members.append(next(film.id for film in films if film.id not in changed.members))
    here.media.changed()
    result, _ = await here.run(JOB, undoes=run.id)
    assert result.summary.startswith("5 removed, 1 skipped (") and "changed meanwhile" in result.summary
    assert len(box_sets(here)) == 1


def _names(of: Mapping[str, set[str]]) -> list[list[str]]:
    return sorted(sorted(each) for each in of.values())
