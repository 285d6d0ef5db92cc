"""What is wrong with a schedule, in words for the person who wrote it.

ValueError
└── BadSchedule          a cron expression, a time zone, or numbers out of range
    └── BadInterval      an interval such as "5m"
"""

from __future__ import annotations

_LONGEST_QUOTE = 60


class BadSchedule(ValueError):
    """The schedule can't be used; the message says why and what is allowed."""


class BadInterval(BadSchedule):
    """The interval can't be used; the message says why and what is allowed."""


def quoted(text: str) -> str:
    """`text` in quotes for an error message, cut short when it is long."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…")
