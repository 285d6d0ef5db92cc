"""One item of a Jellyfin server, and what a user has seen of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict

ItemType = Literal["Movie", "Series", "Season", "Episode", "BoxSet"]
VIDEOS = frozenset({"Movie", "Episode"})
TICKS_PER_MINUTE = 600_000_000


class Traits(TypedDict, total=False):
    """What may be said of an item that is added; anything else is made up. A virtual item has no file."""

    path: str
    provider_ids: dict[str, str]
    custom_rating: str
    virtual: bool
    premiered: datetime
    created: datetime
    width: int


@dataclass(slots=True, eq=False)
class MediaItem:
    """One item. Ids are 32 hexadecimal digits; `index` is an episode's number, or a season's."""

    id: str
    type: ItemType
    name: str | None
    library_id: str
    """Empty for a box set, which is in no library."""
    path: str
    created: datetime
    parent_id: str = ""
    provider_ids: dict[str, str] = field(default_factory=dict)
    custom_rating: str | None = None
    virtual: bool = False
    premiered: datetime | None = None
    series_id: str = ""
    series_name: str = ""
    season_id: str = ""
    index: int | None = None
    season_index: int | None = None
    width: int = 1920
    primary_version_id: str = ""
    alternates: list[str] = field(default_factory=list)
    """The ids of the items that are versions of this one; only a primary has any."""
    members: list[str] = field(default_factory=list)
    """The ids of what a box set holds."""
    details: dict[str, object] = field(default_factory=dict)
    """What else an administrator may write: Overview, Genres, Tags and the like, by their names in the API."""


@dataclass(slots=True)
class UserData:
    """What a user has seen of an item. `position` is in ticks of 100 ns."""

    position: int = 0
    play_count: int = 0
    played: bool = False
    last_played: datetime | None = None
    favourite: bool = False
    rating: float | None = None

    def mark_played(self, when: datetime | None, now: datetime) -> None:
        """As Jellyfin's BaseItem.MarkPlayed: only a call that says when counts up, but it is once at least."""
        self.play_count = max(self.play_count + (when is not None), 1)
        self.position = 0
        self.last_played = when or self.last_played or now
        self.played = True

    def mark_unplayed(self) -> None:
        """As Jellyfin's BaseItem.MarkUnplayed."""
        self.position, self.play_count, self.played, self.last_played = 0, 0, False, None


def id_of(kind: str, path: str) -> str:
    """The id of what lies at a path: as in Jellyfin, the same whenever it is found again, and another elsewhere."""
    return hashlib.md5(f"{kind}/{path}".encode(), usedforsecurity=False).hexdigest()
