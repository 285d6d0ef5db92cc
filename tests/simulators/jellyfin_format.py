"""How Jellyfin writes: users, libraries, items, and its ways of saying no."""

from __future__ import annotations

import uuid
from datetime import datetime

import msgspec
from aiohttp import web

from tests.simulators.base import Refusal
from tests.simulators.household import Library
from tests.simulators.jellyfin_state import User
from tests.simulators.names import item_title

COLLECTION_TYPES = {"movie": "movies", "show": "tvshows", "artist": "music", "photo": "homevideos"}
ITEM_TYPES = {
    "movie": "Movie",
    "show": "Series",
    "season": "Season",
    "episode": "Episode",
    "artist": "MusicArtist",
    "album": "MusicAlbum",
    "track": "Audio",
    "photo": "Photo",
}
COUNTS = {
    "MovieCount": "movie",
    "SeriesCount": "show",
    "EpisodeCount": "episode",
    "ArtistCount": "artist",
    "AlbumCount": "album",
    "SongCount": "track",
}
OTHER_COUNTS = ("ProgramCount", "TrailerCount", "MusicVideoCount", "BoxSetCount", "BookCount")


def reply(content: object, *, status: int = 200) -> web.Response:
    """Anything as JSON."""
    body = msgspec.json.encode(content)
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8")


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


def virtual_folder(library: Library) -> dict[str, object]:
    """A library, as an administrator sees it."""
    return {
        "Name": library.title,
        "Locations": [library.location],
        "CollectionType": COLLECTION_TYPES[library.kind],
        "LibraryOptions": {"Enabled": True, "PathInfos": [{"Path": library.location}]},
        "ItemId": library.item_id,
        "PrimaryImageItemId": library.item_id,
        "RefreshStatus": "Idle",
    }


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


def item_counts(libraries: list[Library]) -> dict[str, int]:
    """How many items of each kind these libraries hold."""
    totals = {name: sum(library.items.get(kind, 0) for library in libraries) for name, kind in COUNTS.items()}
    return totals | dict.fromkeys(OTHER_COUNTS, 0) | {"ItemCount": sum(totals.values())}
