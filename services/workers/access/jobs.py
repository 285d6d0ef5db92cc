"""The jobs of the worker `access`."""

from __future__ import annotations

from shared.contracts.specs import Calendar, Interval, Need, Parameter, Spec
from shared.directory.records import PRODUCTS, MediaKind

from ..door import Job
from ..tools import Tools
from .apply import Apply
from .expiry import DisableExpired
from .planner import NOW
from .statuses import UpdateStates
from .tidying import PutAside

CATEGORY = "access"
MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS


def jobs(tools: Tools) -> tuple[Job, ...]:
    """All of them, bound to what they work with."""
    return (
        Job(
            spec=_apply(
                "plex",
                "Gives and takes libraries on the Plex servers, and invites, so that people have what their "
                "subscriptions and exceptions say. Owners are never touched.",
            ),
            handler=Apply(tools, "plex"),
        ),
        Job(
            spec=_apply(
                "jellyfin",
                "Gives and takes libraries on the Jellyfin servers, and locks users if the settings say so, so that "
                "people have what their subscriptions and exceptions say. Administrators are never touched.",
            ),
            handler=Apply(tools, "jellyfin"),
        ),
        Job(spec=_DISABLE_EXPIRED, handler=DisableExpired(tools)),
        Job(spec=_UPDATE_STATES, handler=UpdateStates(tools)),
        Job(spec=_PUT_ASIDE, handler=PutAside(tools)),
    )


def _apply(kind: MediaKind, description: str) -> Spec:
    product = PRODUCTS[kind]
    return Spec(
        name=f"apply_{kind}_access",
        title=f"Apply {product} access",
        description=description,
        category=CATEGORY,
        schedule=Interval(every_ms=2 * MINUTE_MS),
        timeout_s=3600.0,
        attempts=3,
        backoff_s=30.0,
        min_interval_ms=10 * 1000,
        needs=(Need(what=f"a {product} server", hint=f"Add a {product} server with its address and token."),),
        parameters=(Parameter(name=NOW, title="Try accounts in back-off too", kind="boolean"),),
        dry_run=True,
        undo=True,
    )


_DISABLE_EXPIRED = Spec(
    name="disable_expired_users",
    title="Disable expired users",
    description="Ends the access of people whose last day is over, as the settings have it: at once, after some days, "
    "or not by itself. Users are kept, and a renewal brings back what they had.",
    category=CATEGORY,
    schedule=Interval(every_ms=12 * HOUR_MS),
    timeout_s=600.0,
    min_interval_ms=MINUTE_MS,
    dry_run=True,
    undo=True,
)

_UPDATE_STATES = Spec(
    name="update_user_status",
    title="Automatic user status update",
    description="Updates who is active, close to their last day, past it, or still invited.",
    category=CATEGORY,
    schedule=Interval(every_ms=HOUR_MS),
    timeout_s=600.0,
    min_interval_ms=MINUTE_MS,
    dry_run=True,
)

_PUT_ASIDE = Spec(
    name="cleanup_users_without_libraries",
    title="Cleanup users without libraries",
    description="Marks people as removed whose accounts have no library and are to have none. Nobody is deleted, and "
    "whoever gets a library again comes back.",
    category=CATEGORY,
    schedule=Calendar(expression="0 4 * * *"),
    timeout_s=600.0,
    min_interval_ms=MINUTE_MS,
    dry_run=True,
    undo=True,
)
