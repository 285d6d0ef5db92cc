"""Moments as people write them on a command line."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.cli.command import UsageError
from shared.timing.durations import parse_interval
from shared.timing.errors import BadInterval


def ago(option: str, text: str | None, now: datetime) -> str | None:
    """`2h` as two hours ago, or a moment, as the API takes it. UsageError: it is neither."""
    return None if text is None else _moment(option, text, now, -1).isoformat()


def ahead(option: str, text: str | None, now: datetime) -> str | None:
    """`2h` as in two hours, or a moment, as the API takes it. UsageError: it is neither."""
    return None if text is None else _moment(option, text, now, 1).isoformat()


def _moment(option: str, text: str, now: datetime, direction: int) -> datetime:
    try:
        return now + direction * timedelta(milliseconds=parse_interval(text))
    except BadInterval:
        pass
    try:
        # Without an offset it is this machine's time that is meant.
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {text!r} is neither an interval nor a moment: write 2h, or 2030-01-31T18:00"
        ) from None
