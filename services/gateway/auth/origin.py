"""Where a request comes from: our own page, another site's, or a program that is no browser."""

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


def own_origin(headers: Mapping[str, str], scheme: str) -> str:
    """How the caller reaches us, as `https://host:port`; `scheme` is that of the request itself.

    A browser says it; else it is told by the host asked for, and a proxy before us that speaks https says so.
    """
    told = headers.get("Origin", "null")
    return told if told != "null" else f"{headers.get('X-Forwarded-Proto', scheme)}://{headers.get('Host', '')}"
