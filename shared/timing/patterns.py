"""Cron expressions: which wall times they match.

The grammar and the matching of days are cronsim's, which follows Debian's cron (crontab(5)): five fields, lists,
ranges, steps, names of months and weekdays, `L`, `LW`, `MON#2`, `5L`. Its own iterator is not used, because it loses
a slot in the gap of a clock change when hour or minute starts with a star (`30 */2 * * *`), and looks for times by
stepping through hours and minutes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime
from functools import lru_cache

from cronsim import CronSim, CronSimError

from shared.timing.durations import DAY_MS, HOUR_MS, MINUTE_MS
from shared.timing.errors import BadSchedule, quoted

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_FIELDS = {
    "minute": "0-59",
    "hour": "0-23",
    "day-of-month": "1-31, L (the last day) or LW (the last weekday)",
    "month": "1-12 or JAN-DEC",
    "day-of-week": "0-7 or SUN-SAT (0 and 7 are Sunday), MON#2 (the second Monday) or 5L (the last Friday)",
}
_LONGEST_EXPRESSION = 250
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_ANY_DAY = datetime(2000, 1, 1)


class WallPattern:
    """The wall times (milliseconds, see `localclock`) that a cron expression matches. It never runs out of them."""

    __slots__ = ("cron", "expression", "times")

    def __init__(self, expression: str, cron: CronSim) -> None:
        self.expression = expression
        self.cron = cron
        self.times = [h * HOUR_MS + m * MINUTE_MS for h in sorted(cron.hours) for m in sorted(cron.minutes)]

    @property
    def every_hour(self) -> bool:
        """Whether it matches in every hour of its days."""
        return len(self.cron.hours) == DAY_MS // HOUR_MS

    def first_from(self, wall: int) -> int:
        """The first wall time that matches, at `wall` or later."""
        day, time = divmod(wall, DAY_MS)
        index = bisect_left(self.times, time)
        if index == len(self.times) or not self._matches(day):
            day, index = day + 1, 0
            while not self._matches(day):
                day += 1
        return day * DAY_MS + self.times[index]

    def last_until(self, wall: int) -> int:
        """The last wall time that matches, at `wall` or earlier."""
        day, time = divmod(wall, DAY_MS)
        index = bisect_right(self.times, time) - 1
        if index < 0 or not self._matches(day):
            day, index = day - 1, -1
            while not self._matches(day):
                day -= 1
        return day * DAY_MS + self.times[index]

    def _matches(self, day: int) -> bool:
        when = date.fromordinal(_EPOCH_ORDINAL + day)
        return when.month in self.cron.months and self.cron.match_day(when)


@lru_cache(maxsize=4096)
def wall_pattern(expression: str) -> WallPattern:
    """The pattern of a cron expression, one for all that ask.

    Raises `BadSchedule` that names the wrong field, or says that the expression never matches.
    """
    fields = NICKNAMES.get(expression.strip().lower(), expression).split()
    if len(fields) != len(_FIELDS) or len(expression) > _LONGEST_EXPRESSION:
        raise BadSchedule(
            f"{quoted(expression)} is not a cron expression: write five fields ({', '.join(_FIELDS)}), "
            f"such as '30 3 * * *', or one of {', '.join(NICKNAMES)}"
        )
    try:
        cron = CronSim(" ".join(fields), _ANY_DAY)
        next(cron)
    except CronSimError as error:
        raise _explained(expression, fields, str(error)) from error
    except StopIteration:
        raise _never(expression) from None
    return WallPattern(expression, cron)


def _explained(expression: str, fields: list[str], complaint: str) -> BadSchedule:
    name = complaint.removeprefix("Bad ")
    field = fields[list(_FIELDS).index(name)]
    if name == "day-of-month" and _is_good(f"0 0 {field} * *"):
        return _never(expression)
    return BadSchedule(
        f"{quoted(expression)} is not a cron expression: its {name} field {quoted(field)} is wrong; "
        f"allowed are {_FIELDS[name]}, with * , - and /"
    )


def _is_good(expression: str) -> bool:
    try:
        CronSim(expression, _ANY_DAY)
    except CronSimError:
        return False
    return True


def _never(expression: str) -> BadSchedule:
    return BadSchedule(f"{quoted(expression)} never comes: no month that it names has such a day")
