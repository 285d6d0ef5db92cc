"""The timetable of a cron expression on the wall clock of a zone, right through every clock change.

Two rules, after Debian's cron (cron(8): changes of the clock "are handled specially" for jobs "that run at a specific
time and jobs that run with a granularity greater than one hour"; jobs that run more often "are scheduled normally"):

- An expression that names hours (`30 2 * * *`, `0 */6 * * *`, `*/10 8-17 * * *`) is due at the first moment when the
  clock shows its time or a later one. A time that the clock leaves out comes right after the gap, a time that comes
  twice counts the first time, and times that fall together are one slot. Debian does so for changes of less than
  three hours and only where neither minute nor hour starts with a star; here it holds for any change, a whole day
  included (Pacific/Apia, 30 December 2011), and for steps too.
- An expression for every hour (`0 * * * *`, `*/10 * * * *`) measures time that passes. It is due whenever the clock
  shows its time: both times when that comes twice, and not at all in a gap, which takes no time.
"""

from __future__ import annotations

from abc import abstractmethod

from shared.contracts.specs import Calendar
from shared.timing.errors import BadSchedule
from shared.timing.localclock import LocalClock, local_clock
from shared.timing.patterns import WallPattern, wall_pattern
from shared.timing.timetables import ClockChange, Timetable


class CalendarTimetable(Timetable):
    """Slots where the wall clock of a zone matches a cron expression."""

    __slots__ = ("clock", "pattern")

    def __init__(self, job: str, jitter: int, pattern: WallPattern, clock: LocalClock) -> None:
        super().__init__(job, jitter)
        self.pattern = pattern
        self.clock = clock

    def count_between(self, after: int, until: int) -> int:
        count = 0
        slot = self.next_after(after)
        while slot <= until:
            count += 1
            slot = self.next_after(slot)
        return count

    @abstractmethod
    def clock_change(self, slot: int) -> ClockChange | None: ...


class NamedHours(CalendarTimetable):
    """An expression that names hours: each wall time is one slot, at the first moment that reaches it."""

    __slots__ = ()

    def next_after(self, moment: int) -> int:
        return self.clock.first_moment(self.pattern.first_from(self.clock.highest_wall(moment) + 1))

    def latest_until(self, moment: int) -> int:
        return self.clock.first_moment(self.pattern.last_until(self.clock.highest_wall(moment)))

    def clock_change(self, slot: int) -> ClockChange | None:
        shown = self.clock.wall_at(slot)
        skipped = []
        wall = self.pattern.first_from(self.clock.highest_wall(slot - 1) + 1)
        while wall < shown:
            skipped.append(wall)
            wall = self.pattern.first_from(wall + 1)
        if skipped:
            return ClockChange("skipped", shown, skipped)
        return ClockChange("first", shown, []) if self.clock.shows_twice(shown) else None


class EveryHour(CalendarTimetable):
    """An expression for every hour: every moment that shows a matching wall time is a slot."""

    __slots__ = ()

    def next_after(self, moment: int) -> int:
        moment += 1
        while True:
            stretch = self.clock.stretch_at(moment)
            slot = self.pattern.first_from(moment + stretch.offset) - stretch.offset
            if slot < stretch.end:
                return slot
            moment = stretch.end

    def latest_until(self, moment: int) -> int:
        while True:
            stretch = self.clock.stretch_at(moment)
            slot = self.pattern.last_until(moment + stretch.offset) - stretch.offset
            if slot >= stretch.start:
                return slot
            moment = stretch.start - 1

    def clock_change(self, slot: int) -> ClockChange | None:
        shown = self.clock.wall_at(slot)
        return ClockChange("both", shown, []) if self.clock.shows_twice(shown) else None


def calendar_timetable(schedule: Calendar, job: str, default_zone: str) -> CalendarTimetable:
    """The timetable of a calendar. Timetables share the compiled expression and the zone's clock changes.

    Raises `BadSchedule` for a wrong expression or zone, or negative jitter.
    """
    if schedule.jitter_ms < 0:
        raise BadSchedule(f"the jitter of {schedule.jitter_ms} ms is out of range: it must be 0 or more")
    pattern = wall_pattern(schedule.expression)
    kind = EveryHour if pattern.every_hour else NamedHours
    return kind(job, schedule.jitter_ms, pattern, local_clock(schedule.zone or default_zone))
