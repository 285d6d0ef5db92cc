"""Quiet: when a job may begin what would disturb people, by what they have set. Pure.

01:00-06:00    from one to six
22:00-05:30    over midnight; each end is a wall-clock time of the zone of the settings
"""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from .errors import BadSchedule, quoted

_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_HOURS = re.compile(rf"{_TIME}\s*-\s*{_TIME}")


class Quiet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a job waits for before it begins: that nobody streams on the server, and the `hours` ("": any)."""

    nobody_streaming: bool = False
    hours: str = ""


class Hours(Struct, frozen=True):
    """From `begin` on, until `end`; when that is not later, until `end` of the next day."""

    begin: time
    end: time

    def has(self, moment: time) -> bool:
        """Whether a time of the day lies within."""
        if self.begin < self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


def hours_of(text: str) -> Hours | None:
    """The hours that a text like "01:00-06:00" means; None for an empty one. Raises `BadSchedule`."""
    if not text:
        return None
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise BadSchedule(f"{quoted(text)} are no hours: write 01:00-06:00, or nothing for any")
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    hours = Hours(time(begin_hour, begin_minute), time(end_hour, end_minute))
    if hours.begin == hours.end:
        raise BadSchedule(f"{quoted(text)} are no hours: they begin when they end; write nothing for any")
    return hours


def awaited(quiet: Quiet, zone: ZoneInfo, now: datetime) -> str:
    """Why it is not the hour yet: "its hours, 01:00-06:00"; "" when it is. Raises `BadSchedule`."""
    hours = hours_of(quiet.hours)
    if hours is None or hours.has(now.astimezone(zone).time()):
        return ""
    return f"its hours, {hours.begin:%H:%M}-{hours.end:%H:%M}"
