"""Resources: names that one run at a time holds alone, and what the outside world does with them meanwhile.

All of it stands in one bucket with an age limit, so that what nobody renews vanishes.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from msgspec import Struct

RESOURCE = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
LONGEST_NAME = 128
OUTSIDE = "outside."
"""Keys that begin so say what is seen outside: no resource's name may."""

WATCHER = "watcher"
"""The resource of whoever looks at the media servers for what is under `outside.`: one does at a time."""

_LIBRARY, _STREAMS = "library.", "streams."


class Holding(Struct, frozen=True, kw_only=True, tag="holding.v1"):
    """Under a resource's name: who holds it, and since when. An empty message, or none: it is free.

    `what` is the resource in words for a person. Whoever holds it writes this anew, by comparison with the revision
    that it wrote last, at least every third of the bucket's age limit; a comparison that fails means that it is lost.
    """

    run: UUID | None = None
    job: str
    worker: str
    what: str
    since: datetime


class Occupied(Struct, frozen=True, kw_only=True, tag="occupied.v1"):
    """Under `outside.<resource>`: what keeps the resource busy outside, in words, and which share of it is done.

    An empty `what`: somebody looks, and sees nothing that keeps it busy. No message: nobody looks.
    """

    what: str
    share: float | None = None
    since: datetime


def library_of(server: UUID) -> str:
    """The resource of all libraries of a media server: a scan occupies it, and so does what must not meet a scan."""
    return f"{_LIBRARY}{server.hex}"


def streams_of(server: UUID) -> str:
    """What is occupied outside while somebody watches or listens to something on a media server."""
    return f"{_STREAMS}{server.hex}"


def streams_beside(resource: str) -> str | None:
    """The streams of the server to which a library belongs; None for a resource that is no library."""
    return _STREAMS + resource.removeprefix(_LIBRARY) if resource.startswith(_LIBRARY) else None


def is_resource(name: str) -> bool:
    """Whether a run can hold something of this name."""
    return len(name) <= LONGEST_NAME and RESOURCE.fullmatch(name) is not None and not name.startswith(OUTSIDE)
