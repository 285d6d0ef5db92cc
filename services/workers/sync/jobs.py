"""The jobs of the worker `sync`."""

from __future__ import annotations

from shared.contracts.specs import Interval, Need, Parameter, Spec
from shared.directory.directory import Directory
from shared.directory.records import PRODUCTS, MediaKind

from ..clients.clients import Clients
from ..door import Job
from .sync import BELIEVE_EMPTY, Sync

CATEGORY = "sync"
SIX_HOURS_MS = 6 * 3600 * 1000
MINUTE_MS = 60 * 1000


def jobs(directory: Directory, clients: Clients) -> tuple[Job, ...]:
    """All of them, bound to what they work on."""
    return (
        Job(
            spec=_spec(
                "plex",
                "Updates servers, libraries and item counts, users with their roles, and who sees which library, "
                "from the Plex servers and plex.tv.",
            ),
            handler=Sync(directory, clients, "plex"),
        ),
        Job(
            spec=_spec(
                "jellyfin",
                "Updates servers, libraries and item counts, users with their policies, and who sees which library, "
                "from the Jellyfin servers.",
            ),
            handler=Sync(directory, clients, "jellyfin"),
        ),
    )


def _spec(kind: MediaKind, description: str) -> Spec:
    product = PRODUCTS[kind]
    return Spec(
        name=f"sync_{kind}",
        title=f"{product} synchronization",
        description=description,
        category=CATEGORY,
        schedule=Interval(every_ms=SIX_HOURS_MS),
        timeout_s=3600.0,
        attempts=3,
        backoff_s=60.0,
        min_interval_ms=MINUTE_MS,
        needs=(Need(what=f"a {product} server", hint=f"Add a {product} server with its address and token."),),
        parameters=(
            Parameter(name=BELIEVE_EMPTY, title="Believe a server that lists nothing any more", kind="boolean"),
        ),
        dry_run=True,
    )
