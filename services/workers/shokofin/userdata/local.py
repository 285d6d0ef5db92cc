"""What Jellyfin has: the videos that Shoko knows, and what a user has watched of them."""

from __future__ import annotations

from collections.abc import Mapping

from ...clients.jellyfin_media import JellyfinMedia
from ...clients.jellyfin_userdata import UNSEEN, JellyfinUserData
from ...clients.steps import Step as Progress
from .asking import Troubles, each
from .terms import History
from .videos import Video, hidden_versions, videos

KINDS = ("Episode", "Movie")

Histories = Mapping[str, History]
"""What a user has watched, by the item; it names every video that they see."""


async def videos_on(media: JellyfinMedia, step: Progress, *, restricted: bool) -> Mapping[str, Video]:
    """The videos by item. OutsideError."""
    found: dict[str, Video] = {}
    async for page in media.items(KINDS, step):
        found.update((video.id, video) for video in videos(page, restricted=restricted))
    return found


async def histories(media: JellyfinUserData, user_id: str, known: Mapping[str, Video], troubles: Troubles) -> Histories:
    """What a user has watched of those of the videos that they see. OutsideError: the list of them can't be read.

    Versions of a video are one entry of the list, so that the others are asked for one by one.
    """
    found: dict[str, History] = {}
    async for page in media.all(user_id):
        # Most have been watched by nobody: one history serves them all.
        found.update((item, UNSEEN if seen == UNSEEN else seen) for item, seen in page.items() if item in known)

    async def ask(video: Video) -> None:
        seen = await media.read(user_id, video.id)
        if seen is not None:
            found[video.id] = seen

    await each(hidden_versions(known, found.keys() | ()), ask, lambda video: video.title, troubles)
    return found
