"""How Jellyfin writes an item, with what is asked for of it."""

from __future__ import annotations

from tests.simulators.jellyfin_format import moment
from tests.simulators.jellyfin_item import TICKS_PER_MINUTE, VIDEOS, MediaItem, UserData
from tests.simulators.jellyfin_media import Media

RUN_TIME = 24 * TICKS_PER_MINUTE
EDITABLE = ("Overview", "Genres", "Tags", "OfficialRating", "ProductionYear", "LockData")
"""Further fields that an administrator writes with an item, and that are emptied if they leave them out."""


def item_dto(
    item: MediaItem, media: Media, server_id: str, fields: set[str] | None, data: UserData | None
) -> dict[str, object]:
    """An item. `fields` (in lower case) are given besides the usual ones, or all (None); `data` for whom it is."""
    content: dict[str, object] = {
        "Name": item.name,
        "ServerId": server_id,
        "Id": item.id,
        "IsFolder": item.type not in VIDEOS,
        "Type": item.type,
        "LocationType": "Virtual" if item.virtual else "FileSystem",
        "MediaType": "Video" if item.type in VIDEOS else "Unknown",
        "PremiereDate": moment(item.premiered),
        "IndexNumber": item.index,
        "ParentIndexNumber": item.season_index,
        "SeriesName": item.series_name or None,
        "SeriesId": item.series_id or None,
        "SeasonId": item.season_id or None,
    }
    if item.type in VIDEOS:
        content |= {"RunTimeTicks": RUN_TIME, "VideoType": "VideoFile"}
    content |= _asked_for(item, media, fields)
    if data is not None:
        content["UserData"] = user_data_dto(item.id, data)
    return {name: value for name, value in content.items() if value is not None}


def _asked_for(item: MediaItem, media: Media, fields: set[str] | None) -> dict[str, object]:
    gated = {
        "Path": item.path or None,
        "ParentId": item.parent_id or None,
        "ProviderIds": item.provider_ids,
        "CustomRating": item.custom_rating,
        "DateCreated": moment(item.created) if fields is None or "datecreated" in fields else None,
    } | item.details
    content = {name: value for name, value in gated.items() if fields is None or name.lower() in fields}
    if item.type in VIDEOS and not item.virtual:
        versions = versions_of(item, media)
        # A single version is not counted (DtoService.AttachBasicFields).
        if len(versions) > 1 and (fields is None or "mediasourcecount" in fields):
            content["MediaSourceCount"] = len(versions)
        if fields is None or "mediasources" in fields:
            content["MediaSources"] = [_source(version) for version in versions]
    return content


def versions_of(item: MediaItem, media: Media) -> list[MediaItem]:
    """A video and its other versions, itself first; whichever of them is asked, all are told."""
    primary = media[item.primary_version_id] if item.primary_version_id else item
    linked = [primary, *(media[version] for version in primary.alternates)]
    return [item, *(version for version in linked if version is not item)]


def _source(item: MediaItem) -> dict[str, object]:
    return {
        "Protocol": "File",
        "Id": item.id,
        "Path": item.path,
        "Type": "Default",
        "Container": "mkv",
        "Name": item.path.rpartition("/")[2],
        "IsRemote": False,
        "RunTimeTicks": RUN_TIME,
        "SupportsDirectPlay": True,
        "MediaStreams": [],
    }


def user_data_dto(item_id: str, data: UserData) -> dict[str, object]:
    """What a user has seen of an item; a date or rating that there is none of is left out."""
    content: dict[str, object] = {
        "PlaybackPositionTicks": data.position,
        "PlayCount": data.play_count,
        "IsFavorite": data.favourite,
        "Played": data.played,
        "Key": item_id,
        "ItemId": item_id,
    }
    if data.position:
        content["PlayedPercentage"] = min(100.0, 100 * data.position / RUN_TIME)
    if data.last_played is not None:
        content["LastPlayedDate"] = moment(data.last_played)
    if data.rating is not None:
        content["Rating"] = data.rating
    return content
