"""The shape of a schedule, free of any language: a key and its values, from which `words` makes a sentence.

| key | values |
|---|---|
| every | count, unit (ms, s, m, h or d), days |
| every_between | count, unit (m or h), first and last (times), days |
| hourly_at | minutes, days |
| at | times, days |
| cron | expression: a calendar too tangled for a sentence |

`days` is a `Days`; a time is "03:30".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cronsim import CronSim

from shared.contracts.specs import Interval, Schedule
from shared.timing.durations import whole_units
from shared.timing.patterns import wall_pattern

MINUTES = 60
HOURS = 24
WEEKDAYS = 7
ALL_DATES = frozenset(range(1, 32))
ALL_MONTHS = frozenset(range(1, 13))

_MOST_LISTED = 4
_FEWEST_HOURS_OF_A_SPAN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """On which days: all of them when nothing is given, else on weekdays (0 is Sunday) or on dates of months.

    A date is 1 to 31, or "L" (the last day) or "LW" (the last weekday). No months means every month.
    """

    weekdays: tuple[int, ...] = ()
    dates: tuple[int | str, ...] = ()
    months: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is to be said: `key` chooses the sentence, `values` fill it."""

    key: str
    values: Mapping[str, object]


def schedule_phrase(schedule: Schedule) -> Phrase:
    """The shape of a schedule. Raises `BadSchedule` for a wrong cron expression."""
    if isinstance(schedule, Interval):
        count, unit = whole_units(schedule.every_ms)
        return _every(count, unit, Days())
    cron = wall_pattern(schedule.expression).cron
    days = _days(cron)
    phrase = None if days is None else _times(sorted(cron.hours), sorted(cron.minutes), days)
    return phrase or Phrase("cron", {"expression": schedule.expression})


def _every(count: int, unit: str, days: Days) -> Phrase:
    return Phrase("every", {"count": count, "unit": unit, "days": days})


def _times(hours: list[int], minutes: list[int], days: Days) -> Phrase | None:
    step = _step(minutes, MINUTES)
    if len(hours) == HOURS:
        if step == MINUTES:
            return _every(1, "h", days)
        if step:
            return _every(step, "m", days)
        return Phrase("hourly_at", {"minutes": minutes, "days": days}) if len(minutes) <= _MOST_LISTED else None
    hour_step = _step(hours, HOURS)
    if minutes == [0] and hour_step and len(hours) > 1:
        return _every(hour_step, "h", days)
    if len(hours) * len(minutes) <= _MOST_LISTED:
        return Phrase("at", {"times": [_clock(h, m) for h in hours for m in minutes], "days": days})
    return _span(hours, minutes, step, days)


def _span(hours: list[int], minutes: list[int], step: int | None, days: Days) -> Phrase | None:
    in_a_row = hours[-1] - hours[0] + 1 == len(hours)
    if step is None or not in_a_row or (len(hours) < _FEWEST_HOURS_OF_A_SPAN and step == MINUTES):
        return None
    count, unit = (1, "h") if step == MINUTES else (step, "m")
    first, last = _clock(hours[0], minutes[0]), _clock(hours[-1], minutes[-1])
    return Phrase("every_between", {"count": count, "unit": unit, "first": first, "last": last, "days": days})


def _step(values: list[int], whole: int) -> int | None:
    """The step that makes these values of `0` and goes evenly round the whole (60 minutes, 24 hours), if one does."""
    step = whole // len(values)
    return step if values == list(range(0, whole, step)) and whole % step == 0 else None


def _days(cron: CronSim) -> Days | None:
    """The days, or None when a sentence of them would be harder to read than the expression."""
    dates, weekdays = _dates(cron), _weekdays(cron)
    months = () if cron.months >= ALL_MONTHS else tuple(sorted(cron.months))
    if dates is None or weekdays is None or (dates and weekdays) or len(months) > _MOST_LISTED:
        return None
    if not cron.day_and:
        # Date or weekday will do, and one of the two fields names them all: every day.
        dates = weekdays = ()
    if months and not dates:
        return None
    return Days(dates=dates, weekdays=weekdays, months=months)


def _dates(cron: CronSim) -> tuple[int | str, ...] | None:
    if cron.days >= ALL_DATES:
        return ()
    if len(cron.days) > _MOST_LISTED:
        return None
    named = {cron.LAST: "L", cron.LAST_WEEKDAY: "LW"}
    numbers = sorted(day for day in cron.days if day not in named)
    return (*numbers, *(name for day, name in named.items() if day in cron.days))


def _weekdays(cron: CronSim) -> tuple[int, ...] | None:
    weekdays = {day % WEEKDAYS for day in cron.weekdays if isinstance(day, int)}
    if len(weekdays) == WEEKDAYS:
        return ()
    return tuple(sorted(weekdays)) if all(isinstance(day, int) for day in cron.weekdays) else None


def _clock(hour: int, minute: int) -> str:
    return f"{hour:02}:{minute:02}"
