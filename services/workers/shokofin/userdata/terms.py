"""What somebody has watched of one video, as Jellyfin keeps it and as Shoko does. Positions are ticks of 100 ns."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

Direction = Literal["export", "import", "sync"]
"""From Jellyfin to Shoko; from Shoko to Jellyfin; whichever is newer."""

TICKS_A_MS = 10_000


class History(Struct, frozen=True, kw_only=True, gc=False):
    """On Jellyfin: the user data of an item. `last_played_at` is None where Jellyfin knows no date."""

    position_ticks: int = 0
    count: int = 0
    played: bool = False
    last_played_at: datetime | None = None

    @property
    def empty(self) -> bool:
        """Never begun and never watched."""
        return not (self.count or self.played or resumes(self.position_ticks))


class Stats(Struct, frozen=True, kw_only=True):
    """On Shoko: the UserStats of a file. Watched means that there is a `last_watched_at`."""

    position_ticks: int = 0
    count: int = 0
    last_watched_at: datetime | None = None
    last_updated_at: datetime

    @property
    def played(self) -> bool:
        """Watched to its end."""
        return self.last_watched_at is not None

    @property
    def empty(self) -> bool:
        """Never begun and never watched."""
        return not (self.count or self.played or resumes(self.position_ticks))


class Viewing(Struct, frozen=True, kw_only=True, gc=False):
    """What Shoko's list of files tells of somebody's stats of one: all but the count."""

    file_id: str
    position_ticks: int = 0
    last_watched_at: datetime | None = None
    last_updated_at: datetime

    def with_count(self, count: int) -> Stats:
        """The stats, if that is the count."""
        return Stats(
            position_ticks=self.position_ticks,
            count=count,
            last_watched_at=self.last_watched_at,
            last_updated_at=self.last_updated_at,
        )


def resumes(position_ticks: int) -> bool:
    """Whether there is a position to go on from: one below a millisecond is none (Shokofin's rule)."""
    return position_ticks >= TICKS_A_MS
