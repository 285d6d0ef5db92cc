"""How Jellyfin writes: users, libraries, items, and its ways of saying no."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec
from aiohttp import web

from tests.simulators.base import Refusal
from tests.simulators.household import Library
from tests.simulators.jellyfin_state import ITEM_TYPES, User
from tests.simulators.names import item_title

COLLECTION_TYPES = {"movie": "movies", "show": "tvshows", "artist": "music", "photo": "homevideos"}
COUNTS = {
    "MovieCount": "Movie",
    "SeriesCount": "Series",
    "EpisodeCount": "Episode",
    "ArtistCount": "MusicArtist",
    "AlbumCount": "MusicAlbum",
    "SongCount": "Audio",
}
OTHER_COUNTS = ("ProgramCount", "TrailerCount", "MusicVideoCount", "BookCount")
KEPT = 4096
"""Moments whose text is kept: a list of thousands bears the same few again and again."""


def reply(content: object, *, status: int = 200) -> web.Response:
    """Anything as JSON."""
    body = msgspec.json.encode(content)
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8")


@lru_cache(KEPT)
def moment(value: datetime | None) -> str | None:
    """A moment as .NET writes it: seven decimals of a second, Z."""
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def problem(status: int, title: str) -> Refusal:
    """A "no" as problem details (RFC 9457), which is how the framework below Jellyfin refuses."""
    content = {"type": "https://tools.ietf.org/html/rfc9110", "title": title, "status": status}
    return Refusal(status, msgspec.json.encode(content).decode(), "application/problem+json")


def invalid(**errors: str) -> Refusal:
    """A 400 that names each field that is missing or wrong."""
    content = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {name: [message] for name, message in errors.items()},
    }
    return Refusal(400, msgspec.json.encode(content).decode(), "application/problem+json")


def failed(status: int = 400) -> Refusal:
    """A "no" that comes of an exception: Jellyfin tells nothing more."""
    return Refusal(status, "Error processing request.")


def user_dto(user: User, server_id: str) -> dict[str, object]:
    """A user; dates that are not known are left out, as Jellyfin does."""
    dates = {"LastLoginDate": moment(user.last_login), "LastActivityDate": moment(user.last_activity)}
    return {
        "Name": user.name,
        "ServerId": server_id,
        "Id": user.id,
        "HasPassword": bool(user.password),
        "HasConfiguredPassword": bool(user.password),
        "HasConfiguredEasyPassword": False,
        "EnableAutoLogin": False,
        "Configuration": {
            "PlayDefaultAudioTrack": True,
            "SubtitleLanguagePreference": "",
            "DisplayMissingEpisodes": False,
            "GroupedFolders": [],
            "SubtitleMode": "Default",
            "DisplayCollectionsView": False,
            "EnableLocalPassword": False,
            "OrderedViews": [],
            "LatestItemsExcludes": [],
            "MyMediaExcludes": [],
            "HidePlayedInLatest": True,
            "RememberAudioSelections": True,
            "RememberSubtitleSelections": True,
            "EnableNextEpisodeAutoPlay": True,
        },
        "Policy": {name: value for name, value in user.policy.items() if value is not None},
    } | {name: value for name, value in dates.items() if value is not None}


def virtual_folder(library: Library, refreshing: Mapping[str, float | None]) -> dict[str, object]:
    """A library, as an administrator sees it; `refreshing` has those being refreshed (see JellyfinState)."""
    share = refreshing.get(library.item_id)
    status = "Active" if share is not None else "Queued" if library.item_id in refreshing else "Idle"
    content: dict[str, object] = {
        "Name": library.title,
        "Locations": [library.location],
        "CollectionType": COLLECTION_TYPES[library.kind],
        "LibraryOptions": {"Enabled": True, "PathInfos": [{"Path": library.location}]},
        "ItemId": library.item_id,
        "PrimaryImageItemId": library.item_id,
        "RefreshStatus": status,
    }
    return content if share is None else content | {"RefreshProgress": share * 100}


def view(library: Library, server_id: str) -> dict[str, object]:
    """A library, as a user sees it."""
    return {
        "Name": library.title,
        "ServerId": server_id,
        "Id": library.item_id,
        "IsFolder": True,
        "Type": "CollectionFolder",
        "CollectionType": COLLECTION_TYPES[library.kind],
        "Path": library.location,
    }


def item(library: Library, kind: str, number: int, server_id: str) -> dict[str, object]:
    """The item of this kind and number (from 0) in a library."""
    return {
        "Name": item_title(library.key, number),
        "ServerId": server_id,
        "Id": uuid.uuid5(uuid.UUID(library.item_id), f"{kind}/{number}").hex,
        "ParentId": library.item_id,
        "IsFolder": kind in ("show", "season", "artist", "album"),
        "Type": ITEM_TYPES[kind],
    }


def item_counts(holdings: Sequence[Mapping[str, int]], *, box_sets: int) -> dict[str, int]:
    """How many items of each type these libraries hold together, with so many box sets beside them."""
    totals = {name: sum(held.get(kind, 0) for held in holdings) for name, kind in COUNTS.items()}
    totals["BoxSetCount"] = box_sets
    return totals | dict.fromkeys(OTHER_COUNTS, 0) | {"ItemCount": sum(totals.values())}
