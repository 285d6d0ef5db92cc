"""Schedules in words: `phrases` finds what is to be said, here it is said in English. Other languages can follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.contracts.specs import Interval, Schedule
from shared.timing.durations import format_interval
from shared.timing.phrases import Days, Phrase, schedule_phrase

_UNITS = {"ms": "millisecond", "s": "second", "m": "minute", "h": "hour", "d": "day"}
_WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_MONTHS = ["January", "February", "March", "April", "May", "June"]
_MONTHS += ["July", "August", "September", "October", "November", "December"]
_NAMED_DATES = {"L": "last day", "LW": "last weekday"}
_WORK_WEEK = (1, 2, 3, 4, 5)
_WEEKEND = (0, 6)
_TEENS = range(11, 14)
_MOST_LISTED = 3


def in_words(schedule: Schedule) -> str:
    """The schedule in English: "Every 5 minutes", "Weekdays at 08:00". Raises `BadSchedule` for a wrong expression."""
    return english(schedule_phrase(schedule))


def raw_value(schedule: Schedule) -> str:
    """The schedule as it is written in a configuration: "5m", or the cron expression."""
    return format_interval(schedule.every_ms) if isinstance(schedule, Interval) else schedule.expression


def english(phrase: Phrase) -> str:
    """A phrase as an English sentence, without a full stop."""
    return _SENTENCES[phrase.key](phrase.values)


def _every(values: Mapping[str, Any]) -> str:
    count, unit = values["count"], _UNITS[values["unit"]]
    how_often = f"Every {unit}" if count == 1 else f"Every {count} {unit}s"
    return how_often + _on_days(values["days"])


def _every_between(values: Mapping[str, Any]) -> str:
    often = _every({**values, "days": Days()})
    return f"{often} from {values['first']} to {values['last']}{_on_days(values['days'])}"


def _hourly_at(values: Mapping[str, Any]) -> str:
    minutes = values["minutes"]
    noun = "minute" if len(minutes) == 1 else "minutes"
    return f"Every hour at {noun} {_listed([str(minute) for minute in minutes])}{_on_days(values['days'])}"


def _at(values: Mapping[str, Any]) -> str:
    return f"{_each_day(values['days'])} at {_listed(values['times'])}"


def _cron(values: Mapping[str, Any]) -> str:
    return f"Cron: {values['expression']}"


def _skipped(values: Mapping[str, Any]) -> str:
    times = values["times"]
    if len(times) == 1:
        return f"clocks go forward: {times[0]} does not exist that day, runs at {values['runs_at']}"
    span = _listed(times) if len(times) <= _MOST_LISTED else f"{times[0]} to {times[-1]}"
    return f"clocks go forward: {span} do not exist that day, runs once, at {values['runs_at']}"


def _first(values: Mapping[str, Any]) -> str:
    return f"clocks go back: {values['time']} happens twice, runs the first time"


def _both(values: Mapping[str, Any]) -> str:
    return f"clocks go back: {values['time']} happens twice, runs both times"


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "every": _every,
    "every_between": _every_between,
    "hourly_at": _hourly_at,
    "at": _at,
    "cron": _cron,
    "clock_skipped": _skipped,
    "clock_first": _first,
    "clock_both": _both,
}


def _each_day(days: Days) -> str:
    """The days at the start of a sentence."""
    if days.dates:
        return f"On {_dates(days)}"
    if days.weekdays == _WORK_WEEK:
        return "Weekdays"
    if days.weekdays == _WEEKEND:
        return "Weekends"
    return f"Every {_listed(_from_monday(days.weekdays))}" if days.weekdays else "Every day"


def _on_days(days: Days) -> str:
    """The days at the end of a sentence, with the space before them; nothing for every day."""
    if days.dates:
        return f" on {_dates(days)}"
    if days.weekdays == _WORK_WEEK:
        return " on weekdays"
    if days.weekdays == _WEEKEND:
        return " on weekends"
    return f" on {_listed([f'{name}s' for name in _from_monday(days.weekdays)])}" if days.weekdays else ""


def _dates(days: Days) -> str:
    dates = [_NAMED_DATES[date] if isinstance(date, str) else _ordinal(date) for date in days.dates]
    months = _listed([_MONTHS[month - 1] for month in days.months]) if days.months else "every month"
    return f"the {_listed(dates)} of {months}"


def _from_monday(weekdays: Sequence[int]) -> list[str]:
    return [_WEEKDAYS[day] for day in sorted(weekdays, key=lambda day: (day == 0, day))]


def _ordinal(number: int) -> str:
    ending = "th" if number in _TEENS else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _listed(items: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
