"""Whether a request that changes something comes from our own page, or from a program that is no browser."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether no other site's page can have sent this.

    A browser says so in Sec-Fetch-Site (W3C Fetch Metadata) or at least in Origin (RFC 6454), whichever page sends the
    request; a program without a browser says neither.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == headers.get("Host")
