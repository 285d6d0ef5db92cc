"""What a look at a server means for what is kept of it, and how that is told."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.reports import Change
from shared.directory.observation import ServerState
from shared.directory.records import Server, Sighting
from shared.outside.check import Check
from shared.outside.errors import OutsideError, Refused, Unauthorized, Unreachable


def well(check: Check) -> Sighting:
    """The server is there, and opens."""
    return Sighting(
        state="up",
        identifier=check.identifier,
        real_name=check.name,
        version=check.version,
        latency_ms=check.latency_ms,
    )


def unwell(error: Exception) -> Sighting:
    """The server is not there, does not open, or is not itself."""
    state: ServerState = "unknown"
    match error:
        case Unauthorized():
            state = "unauthorized"
        case Unreachable() | Refused():
            state = "down"
        case OutsideError():
            pass
        case _:
            # Its token can't be unsealed, so it opens nothing.
            state = "unauthorized"
    return Sighting(state=state, error=str(error))


def change(number: int, server: Server, sighting: Sighting) -> Change | None:
    """What the sighting changes of a server that a person would want to know; None: nothing."""
    was = {"state": server.state, "real name": server.real_name, "version": server.version}
    now = {
        "state": sighting.state,
        "real name": sighting.real_name or server.real_name,
        "version": sighting.version or server.version,
    }
    changed = [name for name in was if was[name] != now[name]]
    if not changed:
        return None
    return Change(
        number=number,
        action=f"server is {sighting.state}" if "state" in changed else "server changed",
        target=server.name,
        why=sighting.error or "it says so",
        before={name: was[name] for name in changed},
        after={name: now[name] for name in changed},
    )


def summary(sightings: Sequence[tuple[Server, Sighting]]) -> str:
    """The run in a sentence: "3 servers: 2 up; Attic is down: nothing listens at its address"."""
    up = sum(sighting.state == "up" for _, sighting in sightings)
    troubles = [
        f"{server.name} is {sighting.state} ({sighting.error})"
        for server, sighting in sightings
        if sighting.state != "up"
    ]
    count = f"{len(sightings)} server" + ("s" if len(sightings) != 1 else "")
    return "; ".join([f"{count}: {up} up", *troubles])
