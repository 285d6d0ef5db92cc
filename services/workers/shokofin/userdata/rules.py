"""Which side of a video's user data is written, and what. Pure.

The rules are Shokofin's (its UserDataSyncManager), with its two gaps closed: a Shoko that has nothing never takes
history away from Jellyfin, and what has been copied once is in step, whatever dates a side keeps for itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, structs

from .terms import TICKS_A_MS, Direction, History, Stats, resumes

SAME_DATE = timedelta(seconds=1)


class Decision(Struct, frozen=True, kw_only=True):
    """What each side is to have; None leaves it as it is. `why` is a clause for a person."""

    local: History | None = None
    remote: Stats | None = None
    why: str = ""


NOTHING = Decision()


def decide(direction: Direction, local: History, remote: Stats | None, now: datetime) -> Decision:
    """What to write of one video for one user, at `now` (UTC)."""
    if in_step(local, remote):
        return NOTHING
    if direction == "export":
        return _export(local, remote, now)
    if direction == "import":
        return _import(local, remote)
    return _sync(local, remote, now)


def in_step(local: History, remote: Stats | None) -> bool:
    """Both empty or missing, or alike: position to 1 ms, count, watched, and date to 1 s."""
    if remote is None:
        return local.empty
    if local.empty and remote.empty:
        return True
    return (
        abs(local.position_ticks - remote.position_ticks) <= TICKS_A_MS
        and (local.count, local.played) == (remote.count, remote.played)
        and any(_same_date(local.last_played_at, date) for date in (date_of(remote), remote.last_updated_at))
    )


def to_stats(local: History, now: datetime) -> Stats:
    """What Shoko is to be told. What Jellyfin knows no date of has happened `now`."""
    at = local.last_played_at or now
    return Stats(
        position_ticks=local.position_ticks if resumes(local.position_ticks) else 0,
        count=local.count,
        last_watched_at=at if local.played else None,
        last_updated_at=at,
    )


def to_history(remote: Stats) -> History:
    """What Jellyfin is to be told."""
    return History(
        position_ticks=remote.position_ticks if resumes(remote.position_ticks) else 0,
        count=remote.count,
        played=remote.played,
        last_played_at=date_of(remote),
    )


def date_of(remote: Stats) -> datetime | None:
    """When it was last played, as Jellyfin is to say it. Without history there is no date: with one, a show that
    nobody watches comes up again in Next Up."""
    if remote.empty:
        return None
    if resumes(remote.position_ticks):
        return remote.last_updated_at
    return remote.last_watched_at or remote.last_updated_at


def _export(local: History, remote: Stats | None, now: datetime) -> Decision:
    if remote is None:
        return Decision(remote=to_stats(local, now), why="Shoko knows nothing of it")
    if _newer(local.last_played_at, remote.last_updated_at):
        return Decision(remote=to_stats(local, now), why="Jellyfin's is newer")
    return NOTHING


def _import(local: History, remote: Stats | None) -> Decision:
    if remote is None or (remote.empty and not local.empty):
        return NOTHING
    if local.last_played_at is None:
        return Decision(local=to_history(remote), why="Jellyfin knows no date of it")
    if _newer(remote.last_updated_at, local.last_played_at):
        return Decision(local=to_history(remote), why="Shoko's is newer")
    return NOTHING


def _sync(local: History, remote: Stats | None, now: datetime) -> Decision:
    if remote is None:
        decision = _export(local, remote, now)
        # Shoko keeps a date in any case. Without the same one here, the next run would find the two apart.
        return (
            structs.replace(decision, local=structs.replace(local, last_played_at=now))
            if local.last_played_at is None
            else decision
        )
    if local.last_played_at is not None and _newer(local.last_played_at, remote.last_updated_at):
        return _export(local, remote, now)
    return _import(local, remote)


def _newer(one: datetime | None, other: datetime) -> bool:
    return one is not None and one - other > SAME_DATE


def _same_date(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME_DATE
