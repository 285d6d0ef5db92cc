"""The versions of a film or an episode on a Jellyfin server: merging them into one entry, and parting them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators import jellyfin_reading
from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import failed, problem, reply
from tests.simulators.jellyfin_item import VIDEOS, MediaItem
from tests.simulators.jellyfin_item_format import versions_of
from tests.simulators.jellyfin_media import Media

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer

LAST_TO_TRIP = 11
"""Up to Jellyfin 10.11, parting what was never merged fails (it looks for the item without an id)."""


class Versions:
    """The pages below /Videos, for administrators."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._media = server.state.media

    def routes(self) -> Iterable[Route]:
        """Merging, and parting."""
        return [
            ("POST", "/Videos/MergeVersions", self._merge),
            ("DELETE", "/Videos/{item}/AlternateSources", self._part),
        ]

    async def _merge(self, call: Call) -> web.StreamResponse:
        visitor = self._server.administrator(call)
        sight = self._server.sight(visitor.user)
        named = [item for item_id in jellyfin_reading.ids(call) if (item := self._media.get(item_id)) is not None]
        videos = [item for item in named if item.type in VIDEOS and self._media.visible(item, sight)]
        if len(videos) < 2:
            return reply("Please supply at least two videos to merge.", status=400)
        primary = merge(self._media, videos)
        self._server.journal.note("versions.merged", primary.id, ",".join(video.id for video in videos))
        return web.Response(status=204)

    async def _part(self, call: Call) -> web.StreamResponse:
        visitor = self._server.administrator(call)
        item = jellyfin_reading.item(self._server, call, visitor.user)
        if item.type not in VIDEOS:
            raise problem(404, "Not Found")
        if not item.alternates and not item.primary_version_id and self._server.release <= (10, LAST_TO_TRIP):
            raise failed(400)
        part(self._media, item)
        self._server.journal.note("versions.parted", item.id)
        return web.Response(status=204)


def merge(media: Media, videos: Sequence[MediaItem]) -> MediaItem:
    """Make one entry of these videos (by id), and give the primary (VideosController.MergeVersions).

    That is the first with versions already, else the one with the widest picture.
    """
    merged = (video for video in videos if not video.primary_version_id and len(versions_of(video, media)) > 1)
    primary = next(merged, None) or max(videos, key=lambda video: video.width)
    for video in videos:
        if video is primary:
            continue
        video.primary_version_id = primary.id
        new = [version for version in (video.id, *video.alternates) if version not in (primary.id, *primary.alternates)]
        primary.alternates += new
        video.alternates = []
    media.changed()
    return primary


def part(media: Media, item: MediaItem) -> None:
    """Make entries of their own of all versions of a video, whichever of them it is."""
    for version in versions_of(item, media):
        version.primary_version_id, version.alternates = "", []
    media.changed()
