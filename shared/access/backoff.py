"""When an account on which a change failed is tried again."""

from __future__ import annotations

from datetime import timedelta

STEP, SHORTEST, LONGEST = timedelta(minutes=10), timedelta(minutes=5), timedelta(minutes=120)


def retry_after(tries: int) -> timedelta:
    """How long to leave an account alone after so many tries that failed."""
    return min(max(tries * STEP, SHORTEST), LONGEST)
