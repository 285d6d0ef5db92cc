"""The streams, buckets and consumers that Showrunner needs; declaring them again changes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from msgspec import Struct

from shared.contracts import subjects

from .bus import Bus
from .errors import Rejected, Unreachable

log = structlog.get_logger()

_SECOND_NS = 1_000_000_000
_DAY_NS = 24 * 3600 * _SECOND_NS

NOTICES_DAYS = 7
NOTICES_KEPT = 1000
# Of each job the last so many specs: what stood before one that is refused can be given back.
_SPECS_KEPT = 32


class Retention(Struct, frozen=True, kw_only=True):
    """How much is kept, and how many copies there are (1, or 3 in a cluster).

    What nobody renews is gone after `lease_ms` (who leads) and `hold_ms` (who holds a resource).
    """

    replicas: int = 1
    ticks_per_subject: int = 4096
    reports_days: int = 7
    reports_bytes: int = 4 * 1024**3
    lease_ms: int = 2000
    hold_ms: int = 15_000


async def declare(bus: Bus, retention: Retention) -> None:
    """Make sure that all streams and buckets are there, waiting until the server can make them."""
    for config in stream_configs(retention):
        while True:
            try:
                await _ensure(bus, config)
                break
            except Unreachable:
                log.info("waiting_for_jetstream", stream=config["name"])
                await asyncio.sleep(0.2)


async def _ensure(bus: Bus, config: dict[str, Any]) -> None:
    name = config["name"]
    refusals: list[str] = []
    # Once more at the end: somebody else may have made it, and otherwise than we want it, since we found it missing.
    for verb in ("UPDATE", "CREATE", "UPDATE"):
        try:
            await bus.api(f"STREAM.{verb}.{name}", config)
            return
        except Rejected as refused:
            refusals.append(str(refused))
    raise Rejected(f"stream {name} can be neither updated nor made: {'; '.join(refusals)}")


def stream_configs(retention: Retention) -> list[dict[str, Any]]:
    """What each stream is to be, in the words of the JetStream API (those behind buckets included)."""
    common = {"storage": "file", "num_replicas": retention.replicas, "allow_direct": True, "discard": "old"}
    ticks = {
        **common,
        "name": subjects.TICKS,
        "subjects": [subjects.ALL_TICKS],
        "max_msgs_per_subject": retention.ticks_per_subject,
        "allow_atomic": True,
    }
    reports = {
        **common,
        "name": subjects.REPORTS,
        "subjects": [subjects.ALL_REPORTS],
        "max_age": retention.reports_days * _DAY_NS,
        "max_bytes": retention.reports_bytes,
    }
    limits: dict[str, dict[str, int]] = {
        subjects.LEASES: {"max_age": retention.lease_ms * 1_000_000},
        subjects.NOTICES: {"max_age": NOTICES_DAYS * _DAY_NS, "max_msgs": NOTICES_KEPT},
        subjects.RESOURCES: {"max_age": retention.hold_ms * 1_000_000},
    }
    buckets = [
        {
            **common,
            "name": subjects.bucket_stream(bucket),
            "subjects": [subjects.bucket_key(bucket, ">")],
            "max_msgs_per_subject": _SPECS_KEPT if bucket == subjects.CATALOGUE else 1,
            "allow_rollup_hdrs": True,
            "deny_delete": True,
            "allow_atomic": True,
            **limits.get(bucket, {}),
        }
        for bucket in subjects.BUCKETS
    ]
    return [ticks, reports, *buckets]
