"""From a schedule to its slots."""

from __future__ import annotations

from shared.contracts.specs import Interval, Schedule
from shared.timing.calendars import calendar_timetable
from shared.timing.intervals import IntervalTimetable
from shared.timing.timetables import Timetable

__all__ = ["Timetable", "compile_schedule"]


def compile_schedule(schedule: Schedule, job: str, default_zone: str = "UTC") -> Timetable:
    """The timetable of `job`, whose name decides its jitter; `default_zone` is that of a calendar which names none.

    Raises `BadSchedule` when the schedule can't be used.
    """
    if isinstance(schedule, Interval):
        return IntervalTimetable(schedule, job)
    return calendar_timetable(schedule, job, default_zone)
