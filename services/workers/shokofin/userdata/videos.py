"""The films and episodes on a Jellyfin server that Shoko knows the files of. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from ...clients.jellyfin_items import Item

RESTRICTED = "XXX"
"""The custom rating that Shokofin gives what is for adults only."""


class Video(Struct, frozen=True, kw_only=True, gc=False):
    """A video with Shoko's ids; `versions`: the other items that are versions of it. A server has tens of thousands."""

    id: str
    file: str
    episode: str
    series: str
    title: str
    versions: tuple[str, ...] = ()


def videos(items: Iterable[Item], *, restricted: bool) -> list[Video]:
    """Those among the items that take part; what is rated XXX only if `restricted`."""
    return [
        Video(
            id=item.id,
            file=item.shoko_file,
            episode=item.shoko_episode,
            series=item.shoko_series,
            title=item.title,
            versions=tuple(sorted(item.source_ids - {item.id})),
        )
        for item in items
        if item.shoko_file
        and item.shoko_episode
        and not item.is_virtual
        and (restricted or item.custom_rating.upper() != RESTRICTED)
    ]


def by_file(found: Iterable[Video]) -> dict[str, list[Video]]:
    """The videos by Shoko's id of their file: one file may be several episodes."""
    grouped: dict[str, list[Video]] = {}
    for video in found:
        grouped.setdefault(video.file, []).append(video)
    return grouped


def hidden_versions(found: Mapping[str, Video], listed: Collection[str]) -> list[Video]:
    """The videos that a user's list does not name though they see them: another version of theirs stands for them.

    What is not listed in any version is not theirs to see.
    """
    return [
        video
        for video in found.values()
        if video.id not in listed and any(version in listed for version in video.versions)
    ]
