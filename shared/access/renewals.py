"""The last day that a renewal leads to."""

from __future__ import annotations

from datetime import date, timedelta


def renewed(expires_on: date | None, today: date, days: int) -> date:
    """The last day of access after a renewal by `days`: counted from the last day, or from today if that is over.

    Without a last day it is counted from today too. OverflowError: beyond the year 9999.
    """
    return max(expires_on or today, today) + timedelta(days=days)
