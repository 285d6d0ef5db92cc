"""How Shoko writes what it has collected, version by version: files, series, groups.

After Shoko.Server/API/v3/Models/Shoko of 4.2 to 6.0.
"""

from __future__ import annotations

from tests.simulators.shoko_collection import File, Group, Series
from tests.simulators.shoko_format import BEGINNING, moment, span
from tests.simulators.shoko_state import ShokoState, User

EPISODE_TYPES = ("Unknown", "Episodes", "Specials", "Credits", "Trailers", "Parodies", "Others")
SOURCES = ("Unknown", "Other", "TV", "DVD", "BluRay", "Web", "VHS", "VCD", "LaserDisc", "Camera")
SERIES_TYPES = ("Unknown", "Other", "TV", "TVSpecial", "Web", "Movie", "OVA")


def file(state: ShokoState, one: File, viewer: User | None, *, references: bool) -> dict[str, object]:
    """A file, with the viewer's own position and dates; with its episodes and series if asked for."""
    zoned, stats = state.major >= 5, state.stats.get((viewer.id, one.id)) if viewer else None
    watched = stats and stats.last_watched_at
    digest = f"{one.id:032x}"
    added = moment(BEGINNING, zoned=zoned)
    folder = "ManagedFolderID" if state.major >= 6 else "ImportFolderID"
    content: dict[str, object] = {
        "ID": one.id,
        "Size": one.size,
        "IsVariation": False,
        "Hashes": [{"Type": "ED2K", "Value": digest}] if state.major >= 6 else {"ED2K": digest},
        "Locations": [{folder: 1, "RelativePath": one.path, "IsAccessible": True}],
        "Resolution": "1080p",
        "Duration": span(one.duration),
        "ResumePosition": span(stats.position) if stats and stats.position else None,
        "Viewed": stats and moment(stats.last_updated_at, zoned=zoned),
        "Watched": watched and moment(watched, zoned=zoned),
        "Imported": added,
        "Created": added,
        "Updated": added,
    }
    if references:
        episodes = [_reference(episode) for episode in one.episodes]
        content["SeriesIDs"] = [{"SeriesID": _reference(one.series), "EpisodeIDs": episodes}]
    return content


def series(state: ShokoState, one: Series, viewer: User) -> dict[str, object]:
    """A series; its size is how many of its files are there."""
    zoned, lists = state.major >= 5, ("TvDB", "MAL", "TraktTv", "AniList")
    films: object = [] if state.major < 5 else {"Movie": [], "Show": []}
    added = moment(BEGINNING, zoned=zoned)
    return {
        "IDs": {
            "ID": one.id,
            "ParentGroup": one.group,
            "TopLevelGroup": state.collection.top(one.group).id,
            "AniDB": _anidb(one.id),
            "TMDB": films,
            **{name: [] for name in lists},
        },
        "Name": one.name,
        "Size": len(state.collection.local[one.id]),
        "Sizes": _sizes(state, [one], viewer),
        "Images": {"Posters": [], "Fanarts": [], "Banners": []},
        "AirsOn": [],
        "Links": [],
        "Created": added,
        "Updated": added,
    }


def group(state: ShokoState, one: Group, viewer: User) -> dict[str, object]:
    """A group; its size is how many series are right in it."""
    collection = state.collection
    everything, main = collection.series_in(one.id, recursive=True), collection.main_series(one.id)
    ids: dict[str, object] = {
        "ID": one.id,
        "PreferredSeries" if state.major >= 6 else "DefaultSeries": None,
        "MainSeries": main.id if main else 0,
        "ParentGroup": one.parent,
        "TopLevelGroup": collection.top(one.id).id,
    }
    later = {"TotalSize": len(everything)} if state.major >= 6 else {}
    sizes = {
        "SeriesTypes": _counts(SERIES_TYPES, TV=len(everything)),
        "SubGroups": len(collection.children(one.id)),
    }
    return {
        "IDs": ids | ({"MainAnime": _anidb(main.id) if main else 0} if state.major >= 6 else {}),
        "Name": one.name,
        "SortName": one.name,
        "Description": "",
        "HasCustomName": False,
        "HasCustomDescription": False,
        "Images": {"Posters": [], "Fanarts": [], "Banners": []},
        "Size": sum(entry.group == one.id for entry in everything),
        "Sizes": _sizes(state, everything, viewer) | sizes,
        **later,
    }


def _sizes(state: ShokoState, of: list[Series], viewer: User) -> dict[str, object]:
    files = [file_id for one in of for file_id in state.collection.local[one.id]]
    stats = (state.stats.get((viewer.id, file_id)) for file_id in files)
    watched = sum(one is not None and one.last_watched_at is not None for one in stats)
    return {
        "Missing": 0,
        "Hidden": 0,
        "FileSources": _counts(SOURCES, Web=len(files)),
        "Local": _counts(EPISODE_TYPES, Episodes=len(files)),
        "Watched": _counts(EPISODE_TYPES, Episodes=watched),
        "Total": _counts(EPISODE_TYPES, Episodes=len(files)),
    }


def _counts(names: tuple[str, ...], **known: int) -> dict[str, int]:
    return dict.fromkeys(names, 0) | known


def _reference(number: int) -> dict[str, object]:
    return {"ID": number, "AniDB": _anidb(number), "TvDB": []}


def _anidb(number: int) -> int:
    return 10_000 + number
