"""Scenes for the jobs of Shokofin that we do ourselves: an anime library in which each has so many steps to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.simulators.base import Simulator
from tests.simulators.jellyfin_item import MediaItem
from tests.simulators.jellyfin_versions import merge
from tests.support.anime import Anime
from tests.support.viewing import Viewing
from tests.unit.test_userdata_rules import NEW, OLD, seen, told

STEPS, HALF = 40, 20
PAIRS = [(jellyfin, shoko) for jellyfin in ("10.9.11", "10.11.11", "12.0.0") for shoko in ("5.3.0", "6.0.0")]
VERSIONS = pytest.mark.parametrize("here", PAIRS, indirect=True, ids=["-".join(pair) for pair in PAIRS])
"""Each version of Jellyfin with each of Shoko, by which the fixture `here` goes."""
WATCHERS = ("kim", "ann")
MERGE, PART = "/Videos/MergeVersions", "/Videos/*/AlternateSources"
WRITE, PUT = "/UserItems/*/UserData", "/api/v3/File/*/UserStats"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A job with `STEPS` to do, each by a request `at` one of the servers; `done` counts those that are."""

    job: str
    prepare: Callable[[Viewing], Awaitable[None]]
    done: Callable[[Viewing], int]
    at: str
    method: str = "POST"
    on_shoko: bool = False
    needs_library: bool = True

    @property
    def with_shoko(self) -> bool:
        """Whether people's own users of Shoko take part."""
        return self.prepare in (watched_on_jellyfin, watched_on_shoko)

    def server(self, here: Viewing) -> Simulator:
        """The one that is written to."""
        return here.anime.shoko if self.on_shoko else here.anime.jellyfin

    async def renew(self, here: Viewing) -> None:
        """Enter the keys anew that were refused."""
        if self.on_shoko:
            for name in WATCHERS:
                await here.map(name)


def pairs(items: list[MediaItem]) -> list[list[MediaItem]]:
    """The files of one episode, where there are several."""
    found: dict[str, list[MediaItem]] = {}
    for item in items:
        found.setdefault(item.provider_ids["Shoko Episode"], []).append(item)
    return [each for each in found.values() if len(each) > 1]


def merging(kind: str) -> Callable[[Viewing], Awaitable[None]]:
    async def prepare(here: Viewing) -> None:
        here.anime.fill(kind, series=2, episodes=60, doubles=STEPS)

    return prepare


def splitting(kind: str) -> Callable[[Viewing], Awaitable[None]]:
    async def prepare(here: Viewing) -> None:
        for pair in pairs(here.anime.fill(kind, series=2, episodes=60, doubles=STEPS)):
            merge(here.anime.media, pair)
        here.anime.plugin(AutoMergeVersions=False)

    return prepare


def merged(here: Viewing) -> int:
    return len(here.anime.merged)


def split(here: Viewing) -> int:
    return STEPS - len(here.anime.merged)


async def films_of_many_series(here: Viewing) -> None:
    here.anime.fill("movie", series=STEPS, episodes=2 * STEPS)
    here.anime.plugin(CollectionGrouping="Movies")


def filled_sets(here: Viewing) -> int:
    return sum(bool(item.members) for item in here.anime.media if item.type == "BoxSet")


async def watched_on_jellyfin(here: Viewing) -> None:
    await here.join(*WATCHERS)
    for item in shows(here.anime):
        for name in WATCHERS:
            here.watched(name, item, seen(OLD))


async def watched_on_shoko(here: Viewing) -> None:
    await here.join(*WATCHERS)
    for item in shows(here.anime):
        for name in WATCHERS:
            here.told(name, item, told(NEW))


async def moved(here: Viewing) -> None:
    """Jellyfin has given all that was watched other ids."""
    await here.join(*WATCHERS, mapped=False)
    items = shows(here.anime)
    for number, item in enumerate(items):
        for name in WATCHERS:
            here.watched(name, item, seen(OLD + timedelta(days=number)))
    await here.run("migrate_user_data")
    for item in items:
        here.anime.media.move(item.id, f"/moved{item.path}")


def shows(anime: Anime) -> list[MediaItem]:
    """Episodes, of which each watcher makes a step."""
    return anime.fill("show", series=2, episodes=STEPS // len(WATCHERS))


def in_step(here: Viewing) -> int:
    """How often a person has the same of an item on both servers."""
    both = here.both(WATCHERS, [item for item in here.anime.media if item.type == "Episode"])
    return sum(stats is not None and stats.last_watched_at == history.last_played_at for history, stats in both)


def given_back(here: Viewing) -> int:
    items = [item for item in here.anime.media if item.type == "Episode"]
    return sum(here.on_jellyfin(name, item).played for name in WATCHERS for item in items)


SCENES = (
    Scene(job="merge_episodes", prepare=merging("show"), done=merged, at=MERGE),
    Scene(job="merge_movies", prepare=merging("movie"), done=merged, at=MERGE),
    Scene(job="split_episodes", prepare=splitting("show"), done=split, at=PART, method="DELETE"),
    Scene(job="split_movies", prepare=splitting("movie"), done=split, at=PART, method="DELETE"),
    Scene(job="reconstruct_collections", prepare=films_of_many_series, done=filled_sets, at="/Collections"),
    Scene(job="export_user_data", prepare=watched_on_jellyfin, done=in_step, at=PUT, method="PUT",
          on_shoko=True, needs_library=False),
    Scene(job="import_user_data", prepare=watched_on_shoko, done=in_step, at=WRITE, needs_library=False),
    Scene(job="sync_user_data", prepare=watched_on_jellyfin, done=in_step, at=PUT, method="PUT",
          on_shoko=True, needs_library=False),
    Scene(job="migrate_user_data", prepare=moved, done=given_back, at=WRITE, needs_library=False),
)  # fmt: skip
