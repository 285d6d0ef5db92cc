"""Colours by what they mean (ECMA-48, 8.3.117). Without them every text still says the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Style = Literal["", "good", "bad", "busy", "warn", "faint", "strong"]

_CODES: Mapping[Style, str] = {"good": "32", "bad": "31", "busy": "36", "warn": "33", "faint": "2", "strong": "1"}

STATUS: Mapping[str, Style] = {
    "disabled": "faint",
    "running": "busy",
    "queued": "busy",
    "paused": "warn",
    "error": "bad",
    "idle": "good",
}
OUTCOME: Mapping[str, Style] = {
    "succeeded": "good",
    "failed": "bad",
    "skipped": "faint",
    "cancelled": "warn",
    "held": "warn",
}
RUN: Mapping[str, Style] = {**OUTCOME, "running": "busy", "queued": "busy", "retrying": "warn"}
LEVEL: Mapping[str, Style] = {"debug": "faint", "warning": "warn", "error": "bad"}
SERVER: Mapping[str, Style] = {"up": "good", "down": "bad", "unauthorized": "bad", "unknown": "warn", "off": "faint"}


def painted(text: str, style: Style) -> str:
    """The text in the colour of the style."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if style and text else text
