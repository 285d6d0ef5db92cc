"""Libraries as Shokofin fills them: items that carry Shoko's ids, thousands at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from tests.simulators.household import AS_OF
from tests.simulators.jellyfin_item import MediaItem
from tests.simulators.jellyfin_state import JellyfinState
from tests.simulators.names import item_title
from tests.simulators.shoko_collection import LEAF_GROUPS, series_of


def shoko_library(
    state: JellyfinState, library_id: str, *, series: int = 10, episodes: int = 120, doubles: int = 0, seed: int = 1
) -> list[MediaItem]:
    """Fill a library of shows or of films: gives the episodes (films), then the second files of `doubles` of them.

    Shoko's ids count from 1: series 1 to `series`, episodes 1 to `episodes` in the order of the series, each of the
    file of the same id; second files go on from `episodes` + 1. Equal arguments give equal items, dates (from `seed`)
    included. KeyError: no such library. ValueError: it is filled already, or holds fewer episodes than series.
    """
    if not 0 < series <= episodes or doubles > episodes:
        raise ValueError(f"{series} series and {doubles} doubles do not fit {episodes} episodes")
    films = state.libraries[library_id].kind == "movie"
    chance = random.Random(seed)
    made = list((_films if films else _episodes)(state, library_id, series, episodes, chance))
    for extra, item in enumerate(chance.sample(made, doubles), start=episodes + 1):
        ids = item.provider_ids | {"Shoko File": str(extra)}
        path = item.path.replace(".mkv", f" [{extra}].mkv")
        if films:
            made.append(state.media.add_movie(library_id, item.name or "", path=path, provider_ids=ids, width=1280))
        else:
            show = state.media[item.series_id]
            number, name = item.index or 0, item.name or ""
            made.append(state.media.add_episode(show, number, name=name, path=path, provider_ids=ids, width=1280))
    return made


def _films(
    state: JellyfinState, library_id: str, series: int, count: int, chance: random.Random
) -> Iterator[MediaItem]:
    for number in range(1, count + 1):
        yield state.media.add_movie(
            library_id,
            item_title(0, number),
            provider_ids=_ids(number, series_of(number, series=series, files=count)),
            premiered=AS_OF - timedelta(days=chance.randrange(10_000)),
            created=AS_OF,
        )


def _episodes(
    state: JellyfinState, library_id: str, series: int, count: int, chance: random.Random
) -> Iterator[MediaItem]:
    show, of, within = None, 0, 0
    for number in range(1, count + 1):
        belongs = series_of(number, series=series, files=count)
        if show is None or belongs != of:
            of, within = belongs, 0
            ids = {"Shoko Series": str(of), "Shoko Group": str(LEAF_GROUPS + of)}
            show = state.media.add_series(library_id, item_title(0, of), provider_ids=ids, created=AS_OF)
        within += 1
        yield state.media.add_episode(
            show,
            within,
            provider_ids=_ids(number, of),
            premiered=AS_OF - timedelta(days=chance.randrange(10_000)),
            created=AS_OF,
        )


def _ids(number: int, series: int) -> dict[str, str]:
    return {"Shoko File": str(number), "Shoko Episode": str(number), "Shoko Series": str(series)}
