"""Intervals as people write them: `30s`, `5m`, `1h`, `1d`."""

from __future__ import annotations

import re

from shared.timing.errors import BadInterval, quoted

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
LONGEST_MS = 366 * DAY_MS

_UNITS = {"d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "s": SECOND_MS}
_INTERVAL = re.compile(r"([0-9]+)([smhd])")
_MOST_DIGITS = 12
_HOW_TO = "write a whole number and one unit, such as 30s, 5m, 1h or 1d"


def parse_interval(text: str, minimum_ms: int = SECOND_MS) -> int:
    """The milliseconds of an interval: a positive whole number and one unit (s, m, h or d), and nothing else.

    Raises `BadInterval` when it is written otherwise, is shorter than `minimum_ms`, or longer than 366 days.
    """
    match = _INTERVAL.fullmatch(text)
    if match is None:
        raise BadInterval(f"{quoted(text)} is not an interval: {_HOW_TO}")
    digits, unit = match.groups()
    if not digits.strip("0"):
        raise BadInterval(f"{quoted(text)} is not an interval: the number must be 1 or more, such as 30s, 5m, 1h or 1d")
    if len(digits) > _MOST_DIGITS or int(digits) * _UNITS[unit] > LONGEST_MS:
        raise BadInterval(f"{quoted(text)} is too long: the longest interval is {format_interval(LONGEST_MS)}")
    milliseconds = int(digits) * _UNITS[unit]
    if milliseconds < minimum_ms:
        raise BadInterval(f"{quoted(text)} is too short: this job runs at most every {format_interval(minimum_ms)}")
    return milliseconds


def format_interval(milliseconds: int) -> str:
    """An interval with the largest unit that it is a whole number of: 5m, 90s; 500ms when it is no whole second."""
    count, unit = whole_units(milliseconds)
    return f"{count}{unit}"


def whole_units(milliseconds: int) -> tuple[int, str]:
    """An interval as a count of the largest unit (d, h, m, s, else ms) that measures it exactly."""
    for unit, size in _UNITS.items():
        if milliseconds % size == 0:
            return milliseconds // size, unit
    return milliseconds, "ms"
