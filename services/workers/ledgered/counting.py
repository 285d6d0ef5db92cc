"""Numbers and names in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMES = 10
"""In a sentence."""


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 account", "2 accounts"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def few(told: Sequence[str], between: str = ", ", most: int = MOST_NAMES) -> str:
    """The first few of them, and how many more there are."""
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return between.join(told[:most]) + more
