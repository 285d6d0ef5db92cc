"""What an HTTP status that is no success means."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import OutsideError, Refused, Unauthorized

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may well succeed (RFC 9110; 429: RFC 6585; 425: RFC 8470)."""


def complaint(who: str, status: int, headers: Mapping[str, str]) -> OutsideError | None:
    """The error that a status is, said of `who` ("Attic", "plex.tv"); None for a success.

    A redirect is one too: following it would hand the token to whoever it names.
    """
    if 200 <= status < 300:
        return None
    if status == 401:
        return Unauthorized(f"{who} does not accept the token (401): enter a new one")
    if status == 403:
        return Unauthorized(f"{who} does not allow this token to look (403): use one of its owner or an administrator")
    if 300 <= status < 400:
        # Only where it leads, not the query: that may hold anything.
        place = headers.get("Location", "").partition("?")[0] or "another address"
        return Refused(f"{who} sends us on to {place}: enter that address instead", status=status)
    transient = status in BUSY
    trouble = "has trouble" if transient else "refused"
    return Refused(
        f"{who} {trouble} (status {status})",
        status=status,
        transient=transient,
        retry_after=_seconds(headers.get("Retry-After", "")),
    )


def _seconds(text: str) -> float | None:
    """The seconds of a Retry-After header; one that gives a date is not honoured."""
    return float(text) if text.isdecimal() else None
