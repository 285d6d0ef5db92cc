"""A zone's wall clock in whole milliseconds: which moment shows which local time.

A moment is counted from the Unix epoch, UTC. A wall time is counted the same way from 1970-01-01 00:00 on the wall,
as if that wall were in UTC, so that `wall = moment + offset`.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from shared.timing.durations import DAY_MS, SECOND_MS
from shared.timing.errors import BadSchedule, quoted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_MS = timedelta(milliseconds=1)

# zoneinfo does not tell its clock changes, so they are looked for: day by day, since no zone has changed its clock
# twice within a day (the shortest stay since 1970 is a week: America/Recife, October 2000).
_PROBE_MS = DAY_MS
_BLOCK_MS = 366 * DAY_MS


class Stretch(NamedTuple):
    """A time from `start` until before `end` in which the zone keeps one `offset`; all in milliseconds.

    Neighbours may have the same offset.
    """

    start: int
    end: int
    offset: int


class LocalClock:
    """The wall clock of one zone. Its stretches are found once for each block of about a year, and kept."""

    __slots__ = ("_blocks", "zone")

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._blocks: dict[int, tuple[list[int], list[Stretch]]] = {}

    def stretch_at(self, moment: int) -> Stretch:
        """The stretch that `moment` lies in."""
        number = moment // _BLOCK_MS
        block = self._blocks.get(number)
        if block is None:
            stretches = self._find_stretches(number * _BLOCK_MS, (number + 1) * _BLOCK_MS)
            block = self._blocks[number] = ([stretch.start for stretch in stretches], stretches)
        starts, stretches = block
        return stretches[bisect_right(starts, moment) - 1]

    def wall_at(self, moment: int) -> int:
        """The wall time that the clock shows at `moment`."""
        return moment + self.stretch_at(moment).offset

    def highest_wall(self, moment: int) -> int:
        """The latest wall time that the clock has shown up to and at `moment`: it stays put while a time repeats."""
        stretch = self.stretch_at(moment)
        highest = moment + stretch.offset
        while stretch.start > moment - DAY_MS:
            stretch = self.stretch_at(stretch.start - 1)
            highest = max(highest, stretch.end - 1 + stretch.offset)
        return highest

    def first_moment(self, wall: int) -> int:
        """The first moment at which the clock shows `wall` or a later time: the end of the gap when it is left out."""
        stretch = self.stretch_at(wall - DAY_MS)
        while stretch.end + stretch.offset <= wall:
            stretch = self.stretch_at(stretch.end)
        return max(stretch.start, wall - stretch.offset)

    def shows_twice(self, wall: int) -> bool:
        """Whether the clock shows `wall` at more than one moment."""
        shown = 0
        stretch = self.stretch_at(wall - DAY_MS)
        while stretch.start <= wall + DAY_MS:
            shown += stretch.start <= wall - stretch.offset < stretch.end
            stretch = self.stretch_at(stretch.end)
        return shown > 1

    def _find_stretches(self, start: int, end: int) -> list[Stretch]:
        stretches = []
        offset = self._offset(start)
        for probe in range(start + _PROBE_MS, end + 1, _PROBE_MS):
            if self._offset(probe) != offset:
                change = self._find_change(probe - _PROBE_MS, probe)
                stretches.append(Stretch(start, change, offset))
                start, offset = change, self._offset(probe)
        if start < end:
            stretches.append(Stretch(start, end, offset))
        return stretches

    def _find_change(self, before: int, after: int) -> int:
        old = self._offset(before)
        while after - before > SECOND_MS:
            middle = (before + after) // 2 // SECOND_MS * SECOND_MS
            if self._offset(middle) == old:
                before = middle
            else:
                after = middle
        return after

    def _offset(self, moment: int) -> int:
        offset = (_EPOCH + timedelta(milliseconds=moment)).astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // _ONE_MS


@cache
def local_clock(name: str) -> LocalClock:
    """The clock of the zone with this IANA name, one for all that ask. Raises `BadSchedule` when there is no such."""
    try:
        return LocalClock(ZoneInfo(name))
    except (KeyError, ValueError, OSError) as error:
        near = get_close_matches(name, available_timezones(), n=1)
        example = near[0] if near else "Europe/Berlin"
        raise BadSchedule(f"{quoted(name)} is not a time zone: write an IANA name, such as {example}") from error
