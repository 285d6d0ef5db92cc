"""Clocks of two machines, side by side. Schedules are kept by the clock of the machine that schedules."""

from __future__ import annotations

from datetime import datetime, timedelta

from .findings import Finding, fault, ok, warning

NOTICED, TOO_MUCH = timedelta(seconds=2), timedelta(seconds=30)
_MEND = "set both by NTP: timedatectl set-ntp true"


def clock(whose: str, theirs: datetime, ours: datetime) -> Finding:
    """How far apart they are; an answer's way counts as a difference."""
    apart = abs(theirs - ours)
    direction = "behind" if theirs > ours else "ahead of"
    said = f"this machine's is {apart.total_seconds():.0f} s {direction} that of {whose}"
    if apart >= TOO_MUCH:
        return fault("clock", said, _MEND)
    if apart >= NOTICED:
        return warning("clock", said, _MEND)
    return ok("clock", f"the same as that of {whose}")
