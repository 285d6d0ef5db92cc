"""What the doctor finds."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Level = Literal["ok", "warning", "fault"]


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `mend` says what to do about a warning or a fault."""

    about: str
    level: Level
    what: str
    mend: str = ""


def ok(about: str, what: str) -> Finding:
    """It is as it should be."""
    return Finding(about=about, level="ok", what=what)


def warning(about: str, what: str, mend: str) -> Finding:
    """It works, but may not always."""
    return Finding(about=about, level="warning", what=what, mend=mend)


def fault(about: str, what: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(about=about, level="fault", what=what, mend=mend)
