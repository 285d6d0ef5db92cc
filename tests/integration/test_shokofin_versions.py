"""Versions of films and episodes are merged and split as a diff, to the end whatever happens, and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulators.jellyfin_item import MediaItem
from tests.simulators.jellyfin_versions import merge
from tests.support.anime import ATTIC, Anime, anime

VERSIONS = pytest.mark.parametrize("here", ["10.9.11", "10.11.11", "12.0.0"], indirect=True)
MERGE, SPLIT = "/Videos/MergeVersions", "/Videos/*/AlternateSources"
SCAN = "RefreshLibrary"


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Anime]:
    """The parameter is Jellyfin's version."""
    async with anime(postgres, folder, jellyfin=getattr(request, "param", "10.11.11")) as opened:
        yield opened


def pairs(items: list[MediaItem]) -> set[frozenset[str]]:
    """What belongs together: the files of one episode."""
    found: dict[str, set[str]] = {}
    for item in items:
        found.setdefault(item.provider_ids["Shoko Episode"], set()).add(item.id)
    return {frozenset(each) for each in found.values() if len(each) > 1}


def merge_all(here: Anime, items: list[MediaItem]) -> None:
    """As the plugin leaves it."""
    for each in pairs(items):
        merge(here.media, [here.media[number] for number in sorted(each)])


@VERSIONS
@pytest.mark.parametrize(("job", "kind"), [("merge_episodes", "show"), ("merge_movies", "movie")])
async def test_what_belongs_together_is_merged_once_and_an_undo_parts_it(here: Anime, job: str, kind: str) -> None:
    items = here.fill(kind, series=4, episodes=40, doubles=12)
    merge_all(here, [items[-1], *(i for i in items if i.provider_ids["Shoko Episode"] == _episode(items[-1]))])
    before = here.merged
    result, run = await here.run(job)
    assert (result.outcome, result.summary) == ("succeeded", "11 merged")
    assert here.merged == pairs(items)
    assert set(run.states.values()) == {"done"} and len(run.changes) == 11
    assert run.held == [f"library.{here.server.id.hex}"]
    assert all(change.target.endswith(f" on {ATTIC}") for change in run.changes)
    assert (await here.run(job))[0].summary == "nothing to do"
    undone, _ = await here.run(job, undoes=run.id)
    assert undone.summary == "11 split"
    assert here.merged == before
    assert (await here.run(job, undoes=run.id))[0].summary.startswith("nothing to undo")


@VERSIONS
@pytest.mark.parametrize(("job", "kind"), [("split_episodes", "show"), ("split_movies", "movie")])
async def test_all_of_shokos_versions_are_split_and_an_undo_puts_the_same_together(
    here: Anime, job: str, kind: str
) -> None:
    items = here.fill(kind, series=4, episodes=40, doubles=12)
    library = here.library(kind).item_id
    if kind == "movie":
        merge(here.media, [here.media.add_movie(library, "Home video", path=f"/films/{n}.mkv") for n in "ab"])
    by_hand = here.merged
    merge_all(here, items)
    result, run = await here.run(job)
    assert result.summary.startswith("12 split. Shokofin on Attic merges versions by itself")
    assert here.merged == by_hand
    here.plugin(AutoMergeVersions=False)
    assert (await here.run(job))[0].summary == "nothing to do"
    undone, _ = await here.run(job, undoes=run.id)
    assert undone.summary == "12 merged"
    assert here.merged == by_hand | pairs(items)


async def test_a_dry_run_tells_the_plan_and_touches_nothing(here: Anime) -> None:
    here.fill("show", series=2, episodes=20, doubles=5)
    here.jellyfin.requests.clear()
    result, run = await here.run("merge_episodes", dry_run=True)
    assert result.summary == "5 changes planned"
    assert len(run.changes) == 5 and run.states == {}
    assert here.jellyfin.requests.sent() == []
    assert await here.pool.fetchval("SELECT count(*) FROM ledger") == 0


@pytest.mark.parametrize("after", [0, 3, 6])
async def test_the_next_attempt_ends_what_a_killed_one_began(here: Anime, after: int) -> None:
    items = here.fill("show", series=2, episodes=20, doubles=7)
    run = await here.killed("merge_episodes", MERGE, after=after)
    assert len(here.merged) <= after + 1
    result, again = await here.run("merge_episodes", again=run)
    assert result.summary == "7 merged"
    assert here.merged == pairs(items)
    assert set(again.states.values()) == {"done"} and len(again.states) == 7
    # Only what was cut off may have been asked for twice.
    assert here.jellyfin.journal.count("versions.merged") <= 8
    undone, _ = await here.run("merge_episodes", undoes=run.id)
    assert undone.summary == "7 split"


@pytest.mark.parametrize(("at", "method", "after"), [(SPLIT, "DELETE", 0), (MERGE, "POST", 0), (MERGE, "POST", 1)])
async def test_a_step_that_was_cut_off_between_parting_and_merging_is_ended(
    here: Anime, at: str, method: str, after: int
) -> None:
    items = here.fill("movie", series=2, episodes=2, doubles=2)
    merge(here.media, [items[0], items[1]])
    run = await here.killed("merge_movies", at, method=method, after=after)
    result, _ = await here.run("merge_movies", again=run)
    assert result.summary == "1 merged"
    assert here.merged == pairs(items)
    undone, _ = await here.run("merge_movies", undoes=run.id)
    assert undone.summary == "1 split"
    assert here.merged == {frozenset({items[0].id, items[1].id})}


async def test_an_undo_that_is_killed_is_ended_by_its_next_attempt(here: Anime) -> None:
    here.fill("movie", series=2, episodes=20, doubles=6)
    _, run = await here.run("merge_movies")
    undo = await here.killed("merge_movies", SPLIT, method="DELETE", after=2, undoes=run.id)
    result, _ = await here.run("merge_movies", again=undo, undoes=run.id)
    assert result.summary == "6 split"
    assert here.merged == set()


async def test_a_scan_that_begins_in_the_middle_stops_it_before_the_next_batch(here: Anime) -> None:
    items = here.fill("show", series=2, episodes=60, doubles=40)
    failure, run = await here.failing_meanwhile(
        "merge_episodes", MERGE, lambda: here.state.tasks.begin(SCAN, 0.42), after=9
    )
    assert "library scan on Attic" in failure.message
    assert "(25 of 40 done on Attic; the rest is tried again)" in failure.message
    assert failure.retry and len(here.merged) == 25
    here.state.tasks.finish(SCAN)
    result, _ = await here.run("merge_episodes", again=run)
    assert result.summary == "40 merged"
    assert here.merged == pairs(items)


async def test_during_a_scan_nothing_is_begun(here: Anime) -> None:
    here.fill("show", series=2, episodes=20, doubles=5)
    here.state.tasks.begin(SCAN, 0.42)
    result, _ = await here.run("merge_episodes")
    assert (result.outcome, result.summary) == ("skipped", "library scan on Attic")
    assert here.merged == set()


async def test_one_that_fails_keeps_none_of_the_others_from_being_done(here: Anime) -> None:
    items = here.fill("movie", series=2, episodes=20, doubles=6)
    bad = min(pairs(items), key=sorted)
    here.jellyfin.faults.answer(MERGE, 500, query={"ids": ",".join(sorted(bad))})
    failure, run = await here.fail("merge_movies")
    assert failure.message.startswith("5 merged, 1 failed (") and "has trouble (status 500)" in failure.message
    assert failure.retry and here.merged == pairs(items) - {bad}
    here.jellyfin.faults.clear()
    result, _ = await here.run("merge_movies", again=run)
    assert result.summary == "6 merged"
    assert here.merged == pairs(items)


async def test_what_somebody_has_changed_since_is_not_taken_back(here: Anime) -> None:
    items = here.fill("movie", series=2, episodes=20, doubles=3)
    _, run = await here.run("merge_movies")
    changed = min(pairs(items), key=sorted)
    merge(here.media, [here.media[number] for number in sorted({*changed, items[0].id, items[1].id, items[2].id})])
    left = here.merged
    result, _ = await here.run("merge_movies", undoes=run.id)
    assert "changed meanwhile on the server" in result.summary
    assert max(left, key=len) in here.merged


async def test_the_plugin_does_it_if_a_person_says_so(here: Anime) -> None:
    items = here.fill("show", series=2, episodes=20, doubles=5)
    here.state.tasks.effects["ShokoMergeEpisodes"] = lambda: merge_all(here, items)
    result, run = await here.run("merge_episodes", plugin=True)
    assert result.summary == "1 run by Shokofin"
    assert here.merged == pairs(items)
    assert [change.why for change in run.changes] == ["it was asked for"]
    undone, _ = await here.run("merge_episodes", undoes=run.id)
    assert undone.summary == "1 change can't be taken back (Merge Episodes on Attic)"


async def test_only_the_server_that_is_named(here: Anime) -> None:
    here.fill("show", series=2, episodes=20, doubles=5)
    failure, _ = await here.fail("merge_episodes", server="Cellar")
    assert (failure.code, failure.retry) == ("no_such_server", False)
    assert failure.message.endswith("choose one of those that there are (Attic)")
    assert (await here.run("merge_episodes", server=ATTIC))[0].summary == "5 merged"


def _episode(item: MediaItem) -> str:
    return item.provider_ids["Shoko Episode"]
