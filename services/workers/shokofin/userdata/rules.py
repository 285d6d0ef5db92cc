"""Which side of a video's user data is written, and what. Pure.

The rules are Shokofin's (its UserDataSyncManager), with its two gaps closed: a Shoko that has nothing never takes
history away from Jellyfin, and what has been copied once is in step, whatever dates a side keeps for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, structs

from .terms import TICKS_A_MS, Direction, History, Stats, Viewing, resumes

SAME_DATE = timedelta(seconds=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


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


def decide_file(
    direction: Direction, locals_: Sequence[History], remote: Stats | None, now: datetime
) -> list[Decision]:
    """What to write of a file for one user, for each of the videos that it holds on Jellyfin.

    Shoko keeps one record a file. The video that was played last speaks for it; the others follow what comes of that.
    """
    speaker = max(range(len(locals_)), key=lambda number: locals_[number].last_played_at or LONG_AGO)
    first = decide(direction, locals_[speaker], remote, now)
    then = first.remote or remote
    return [
        first if number == speaker else NOTHING if direction == "export" else decide("import", local, then, now)
        for number, local in enumerate(locals_)
    ]


def settled(direction: Direction, local: History, viewing: Viewing | None, now: datetime) -> bool:
    """Whether nothing is to be written, whatever the count on Shoko is. `viewing` of None: Shoko knows nothing."""
    if viewing is None:
        return decide(direction, local, None, now) == NOTHING
    if local.last_played_at is not None and _same_date(local.last_played_at, viewing.last_updated_at):
        # Neither side is newer. It is by far the most frequent case, among hundreds of thousands.
        return True
    # The count matters only in whether it is nought, and whether it is Jellyfin's.
    counts = {0, local.count, local.count + 1}
    return all(decide(direction, local, viewing.with_count(count), now) == NOTHING for count in counts)


def alike(one: History, other: History) -> bool:
    """Whether Jellyfin says the same: position to 1 ms, count, watched, and date to 1 s."""
    return (
        abs(one.position_ticks - other.position_ticks) <= TICKS_A_MS
        and (one.count, one.played) == (other.count, other.played)
        and _same_date(one.last_played_at, other.last_played_at)
    )


def alike_on_shoko(one: Stats | None, other: Stats | None) -> bool:
    """Whether Shoko says the same, to the same exactness. Nothing and emptied stats are alike: none can be deleted."""
    if one is None or other is None:
        return all(stats is None or stats.empty for stats in (one, other))
    return (
        abs(one.position_ticks - other.position_ticks) <= TICKS_A_MS
        and (one.count, one.played) == (other.count, other.played)
        and _same_date(one.last_watched_at, other.last_watched_at)
        and _same_date(one.last_updated_at, other.last_updated_at)
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
