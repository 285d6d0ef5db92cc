"""NATS: does it let us in, has it JetStream, and are streams and copies as they should be?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from shared.contracts import subjects
from shared.contracts.feed import Leader
from shared.messaging import Bus, MessagingError, Rejected, Retention
from shared.messaging.buckets import get
from shared.messaging.streams import stream_configs
from shared.runtime.clock import utc_now

from .clocks import clock
from .findings import Finding, fault, ok, warning
from .greeting import address_of, greet


async def door(url: str) -> Finding:
    """Whether NATS lets us in, and has JetStream."""
    where = address_of(url)
    try:
        greeting = await greet(url)
    except (OSError, TimeoutError, msgspec.DecodeError) as error:
        return fault("NATS", f"{where} does not answer: {str(error) or 'no answer in time'}",
                     "start it, or correct SHOWRUNNER_NATS_URL")  # fmt: skip
    if greeting.refusal:
        return fault("NATS", f"{where} does not let us in: {greeting.refusal}",
                     "correct the user, the password or the scheme in SHOWRUNNER_NATS_URL")  # fmt: skip
    if not greeting.jetstream:
        return fault("NATS", f"{where} has no JetStream", "start it with JetStream: nats-server --jetstream, or a "
                     "`jetstream` block in its configuration")  # fmt: skip
    return ok("NATS", f"{greeting.version} at {where}, with JetStream")


async def streams(bus: Bus, replicas: int) -> list[Finding]:
    """Every stream (those behind the buckets too), its copies, and the server's clock."""
    found: list[Finding] = []
    said: datetime | None = None
    for config in stream_configs(Retention(replicas=replicas)):
        name = str(config["name"])
        try:
            info = await bus.api(f"STREAM.INFO.{name}", {})
        except Rejected as error:
            found.append(
                fault("streams", f"{name} is not there ({error})", "start a Showrunner service: it makes them")
            )
            continue
        said = _moment(info) or said
        found += copies(name, info, replicas)
    if not found:
        found.append(ok("streams", f"all there, {replicas} {'copy' if replicas == 1 else 'copies'} of each"))
    return [*found, clock("NATS", said, utc_now())] if said else found


def copies(name: str, info: dict[str, Any], replicas: int) -> list[Finding]:
    """What is wrong with a stream's copies, by the server's own account of it (JetStream's STREAM.INFO)."""
    kept = int(info["config"].get("num_replicas", 1))
    found = []
    if kept != replicas:
        mend = "start a service with the right SHOWRUNNER_REPLICAS, in a cluster with as many servers"
        found.append(fault("streams", f"copies of {name}: {kept}, wanted: {replicas}", mend))
    behind = [peer["name"] for peer in (info.get("cluster") or {}).get("replicas") or [] if not peer.get("current")]
    if behind:
        found.append(warning("streams", f"the copies of {name} on {', '.join(behind)} are behind or away",
                             "see whether these NATS servers run"))  # fmt: skip
    return found


async def leader(bus: Bus) -> Finding:
    """Which scheduler leads."""
    try:
        value = await get(bus, subjects.LEASES, subjects.LEADER_KEY)
        if not value.data:
            return fault("scheduler", "nobody leads: nothing is on time now", "start one: showrunner scheduler, or up")
        return ok("scheduler", f"{msgspec.json.decode(value.data, type=Leader).scheduler} leads")
    except (MessagingError, msgspec.DecodeError) as error:
        return fault("scheduler", f"can't be told: {error}", "mend the streams first")


def _moment(info: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(info["ts"]))
    except (KeyError, ValueError):
        return None
