"""Moments and durations as people say them: in their own zone, and as seen from now."""

from __future__ import annotations

from datetime import datetime, tzinfo

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_SOON = 2  # seconds


def relative(moment: datetime | None, now: datetime, *, units: int = 1) -> str:
    """`in 4m`, `3h ago`, `now`, with two units `in 1h 59m`; a dash for no moment."""
    if moment is None:
        return "–"
    seconds = (moment - now).total_seconds()
    if abs(seconds) < _SOON:
        return "now"
    size = " ".join(f"{count}{name[0]}" for count, name in _parts(int(abs(seconds)))[:units])
    return f"in {size}" if seconds > 0 else f"{size} ago"


def duration(milliseconds: int | None) -> str:
    """`340 ms`, `2.4 s`, `3 min 5 s`; a dash for none."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f} s"
    return " ".join(f"{count} {name}" for count, name in _parts(milliseconds // 1000)[:2])


def absolute(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """`2030-01-31 18:00:00` in the zone, None for this machine's; a dash for no moment."""
    return "–" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def both(moment: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """The moment, and how far it is."""
    return "–" if moment is None else f"{absolute(moment, zone)} ({relative(moment, now, units=2)})"


def clock(moment: datetime, zone: tzinfo | None = None) -> str:
    """`18:00:00`, in the zone; for lines that follow each other."""
    return f"{moment.astimezone(zone):%H:%M:%S}"


def _parts(seconds: int) -> list[tuple[int, str]]:
    """A duration as counts of units, the largest first."""
    parts = []
    for name, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append((count, name))
    return parts
