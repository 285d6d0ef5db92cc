"""How much of the time a server was up: told from its spells. Pure.

What a look has found holds until a look finds something else. `up` counts as up; `down` and `unauthorized`, when it is
of no use to anybody, don't; `unknown`, and any time without a spell, counts as not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from .observation import ServerState

NOTHING = timedelta(0)


class Spell(Struct, frozen=True, kw_only=True):
    """A server was in one state from `since` until `until`; None: it still is. `error`: what was wrong at first."""

    state: ServerState
    since: datetime
    until: datetime | None
    error: str = ""


class DayShare(Struct, frozen=True, kw_only=True):
    """A day, as far as it has gone by. `up_share` is of the time that is known, None where none is; both 0 to 1."""

    day: date
    up_share: float | None
    known_share: float


class Availability(Struct, frozen=True, kw_only=True):
    """The days since `since`, the oldest first, and all of them together."""

    since: datetime
    up_share: float | None
    days: tuple[DayShare, ...]


def first_moment(now: datetime, days: int, zone: tzinfo) -> datetime:
    """When the first of so many days began, today being the last of them."""
    return _midnight(now.astimezone(zone).date() - timedelta(days=days - 1), zone)


def availability(spells: Sequence[Spell], now: datetime, days: int, zone: tzinfo) -> Availability:
    """The last `days` days, today included; days are those of `zone`, and may have 23 or 25 hours."""
    since = first_moment(now, days, zone)
    return Availability(
        since=since,
        up_share=_shares(spells, since, now, now)[0],
        days=tuple(_day(spells, day, now, zone) for day in _days(since.astimezone(zone).date(), days)),
    )


def _days(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(count))


def _day(spells: Sequence[Spell], day: date, now: datetime, zone: tzinfo) -> DayShare:
    end = min(_midnight(day + timedelta(days=1), zone), now)
    up, known = _shares(spells, _midnight(day, zone), end, now)
    return DayShare(day=day, up_share=up, known_share=known)


def _shares(spells: Sequence[Spell], start: datetime, end: datetime, now: datetime) -> tuple[float | None, float]:
    """The share up of what is known, and the share known, of the time from `start` to `end`."""
    known = [(spell.state, _overlap(spell, start, end, now)) for spell in spells if spell.state != "unknown"]
    of_all = sum((length for _, length in known), NOTHING)
    up = sum((length for state, length in known if state == "up"), NOTHING)
    return (up / of_all if of_all else None), (of_all / (end - start) if end > start else 0.0)


def _overlap(spell: Spell, start: datetime, end: datetime, now: datetime) -> timedelta:
    return max(min(spell.until or now, end) - max(spell.since, start), NOTHING)


def _midnight(day: date, zone: tzinfo) -> datetime:
    # Told in UTC: times that bear the same zone are subtracted as if no clock were ever changed.
    return datetime.combine(day, time(), zone).astimezone(UTC)
