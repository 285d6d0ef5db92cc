"""Shoko: what its answers mean, and how it is told what somebody has watched. Values in, values out.

The shapes are those of its REST API v3 (ShokoServer, API/v3/Models/Shoko), from 4.2 to 6.0.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from shared.outside.errors import Malformed
from shared.outside.identities import read_identity

from ..shokofin.userdata.terms import Stats, Viewing

T = TypeVar("T")

PositionField = Literal["ResumePosition", "ProgressPosition"]
TICKS_A_SECOND = 10_000_000
# .NET's constant format of a TimeSpan: days and fractions of a second are left out when there are none.
_TIME_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")


class Group(Struct, frozen=True, kw_only=True):
    """A Shoko group: series that belong together, or groups of them. A `parent_id` of None: it stands on top."""

    id: int
    name: str
    parent_id: int | None
    top_id: int
    main_series_id: int


class Series(Struct, frozen=True, kw_only=True):
    """A Shoko series, and the group that it is in."""

    id: int
    name: str
    group_id: int


class _GroupIds(Struct, frozen=True):
    id: int = field(name="ID")
    top: int = field(name="TopLevelGroup")
    main_series: int = field(name="MainSeries", default=0)
    parent: int | None = field(name="ParentGroup", default=None)


class _Group(Struct, frozen=True):
    ids: _GroupIds = field(name="IDs")
    name: str = field(name="Name")


class _SeriesIds(Struct, frozen=True):
    id: int = field(name="ID")
    group: int = field(name="ParentGroup")


class _Series(Struct, frozen=True):
    ids: _SeriesIds = field(name="IDs")
    name: str = field(name="Name")


class _Stats(Struct, frozen=True, rename="pascal"):
    last_updated_at: datetime
    watched_count: int = 0
    last_watched_at: datetime | None = None
    resume_position: str | None = None
    progress_position: str | None = None


class _File(Struct, frozen=True, gc=False):
    id: int = field(name="ID")
    position: str | None = field(name="ResumePosition", default=None)
    progress: str | None = field(name="ProgressPosition", default=None)
    viewed: datetime | None = field(name="Viewed", default=None)
    watched: datetime | None = field(name="Watched", default=None)


class Files(Struct, frozen=True):
    """A page of Shoko's list of files, as far as it is about somebody's stats."""

    files: list[_File] = field(name="List")


def version(who: str, answer: Any) -> str:
    """Which version answers. Malformed."""
    try:
        return read_identity("shoko", answer).version
    except msgspec.ValidationError as error:
        raise _strange(who, error) from None


def group(who: str, answer: Any) -> Group:
    """One group. Malformed."""
    return _as_group(_read(who, answer, _Group))


def groups(who: str, answer: Any) -> list[Group]:
    """Several groups. Malformed."""
    return [_as_group(each) for each in _read(who, answer, list[_Group])]


def series(who: str, answer: Any) -> list[Series]:
    """Several series. Malformed."""
    return [
        Series(id=each.ids.id, name=each.name, group_id=each.ids.group) for each in _read(who, answer, list[_Series])
    ]


def stats(who: str, answer: Any) -> Stats:
    """What somebody has watched of a file. Malformed."""
    found = _read(who, answer, _Stats)
    return Stats(
        position_ticks=_position(who, found.resume_position or found.progress_position),
        count=found.watched_count,
        last_watched_at=None if found.last_watched_at is None else _utc(found.last_watched_at),
        last_updated_at=_utc(found.last_updated_at),
    )


def viewings(who: str, listed: Files, page: int) -> tuple[list[Viewing], bool]:
    """What a page of so many files, those viewed last first, tells; and whether another may tell more. Malformed."""
    found = [
        Viewing(
            file_id=str(each.id),
            position_ticks=_position(who, each.position or each.progress),
            last_watched_at=None if each.watched is None else _utc(each.watched),
            last_updated_at=_utc(each.viewed),
        )
        for each in listed.files
        if each.viewed is not None
    ]
    return found, len(found) == page


def position_field(answer: Any) -> PositionField | None:
    """By which name this server goes for the position, as its answer has it: 6.0 has given it another."""
    for name in ("ProgressPosition", "ResumePosition"):
        if isinstance(answer, dict) and name in answer:
            return "ProgressPosition" if name == "ProgressPosition" else "ResumePosition"
    return None


def position_field_of(version: str) -> PositionField:
    """The same by its version, for one that has not said anything of the sort yet."""
    major = version.lstrip("v").partition(".")[0]
    return "ProgressPosition" if major.isdecimal() and int(major) >= 6 else "ResumePosition"


def body(given: Stats, position: PositionField) -> dict[str, Any]:
    """The stats as Shoko takes them. No position is 00:00:00: null would leave the former one."""
    return {
        position: time_span(given.position_ticks),
        "WatchedCount": given.count,
        "LastWatchedAt": given.last_watched_at,
        "LastUpdatedAt": given.last_updated_at,
    }


def ticks(time_span: str) -> int:
    """A time span in ticks of 100 ns. ValueError: it is none, or runs backwards."""
    match = _TIME_SPAN.fullmatch(time_span)
    if match is None:
        raise ValueError(f"{time_span!r} is no time span")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    fraction = int((match[5] or "").ljust(7, "0"))
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * TICKS_A_SECOND + fraction


def time_span(ticks: int) -> str:
    """Ticks of 100 ns as a time span: `1.02:03:04.5000000`."""
    seconds, fraction = divmod(ticks, TICKS_A_SECOND)
    days, seconds = divmod(seconds, 24 * 3600)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return (f"{days}." if days else "") + clock + (f".{fraction:07}" if fraction else "")


def _as_group(read: _Group) -> Group:
    # A group on top names none, or itself, or 0, depending on the version.
    ids = read.ids
    parent = None if ids.parent in (None, 0, ids.id) else ids.parent
    return Group(id=ids.id, name=read.name, parent_id=parent, top_id=ids.top, main_series_id=ids.main_series)


def _position(who: str, time_span: str | None) -> int:
    try:
        return ticks(time_span) if time_span else 0
    except ValueError as error:
        raise Malformed(f"{who} has a position that is none: {error}", transient=False) from None


def _utc(moment: datetime) -> datetime:
    """Old servers leave the zone out of what they keep in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _read(who: str, answer: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise _strange(who, error) from None


def _strange(who: str, error: msgspec.ValidationError) -> Malformed:
    return Malformed(f"{who} answers in a way that a Shoko Server does not ({error})", transient=False)
