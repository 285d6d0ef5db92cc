"""The jobs of the worker `maintenance`."""

from __future__ import annotations

from shared.contracts.specs import Interval, Need, Spec
from shared.directory.directory import Directory

from ..clients.clients import Clients
from ..door import Job
from .servers import CheckServers

CATEGORY = "maintenance"
HALF_HOUR_MS = 30 * 60 * 1000
TEN_SECONDS_MS = 10 * 1000


def jobs(directory: Directory, clients: Clients) -> tuple[Job, ...]:
    """All of them, bound to what they work on."""
    check_servers = Spec(
        name="check_servers",
        title="Check servers",
        description="Checks whether each server is available, at its address, its local or its public one, and updates "
        "its state, real name, identifier and version.",
        category=CATEGORY,
        schedule=Interval(every_ms=HALF_HOUR_MS),
        timeout_s=300.0,
        attempts=2,
        min_interval_ms=TEN_SECONDS_MS,
        needs=(Need(what="a server", hint="Add a Plex or Jellyfin server with its address and token."),),
        dry_run=True,
    )
    return (Job(spec=check_servers, handler=CheckServers(directory, clients)),)
