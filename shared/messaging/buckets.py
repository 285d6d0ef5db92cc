"""Key-value buckets (NATS ADR-8), written with comparison."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from msgspec import Struct

from shared.contracts import subjects

from .append import Entry, append, append_plain
from .bus import Bus
from .errors import Rejected

_NOT_FOUND = "(10037)"


class Value(Struct, frozen=True):
    """What stands under a key, its revision, and when it was written. A deleted key has no data, but a revision."""

    data: bytes
    revision: int
    written_at: datetime | None = None


NOTHING = Value(b"", 0)


async def put(bus: Bus, bucket: str, key: str, value: bytes, revision: int, *, timeout: float = 5.0) -> int:
    """Write a key whose present revision is `revision` (0: it was never there); its new revision. Raises `Conflict`."""
    subject = subjects.bucket_key(bucket, key)
    return await append(bus, [Entry(subject, value, subject, revision)], timeout)


async def force(bus: Bus, bucket: str, key: str, value: bytes) -> int:
    """Write a key whatever stands there; its new revision."""
    return await append_plain(bus, subjects.bucket_key(bucket, key), value)


async def get(bus: Bus, bucket: str, key: str) -> Value:
    """What stands under a key; `NOTHING` when it was never written."""
    return await _found(bus, bucket, {"last_by_subj": subjects.bucket_key(bucket, key)})


async def get_revision(bus: Bus, bucket: str, revision: int) -> Value:
    """What was written under this revision, if the bucket still has it; else `NOTHING`."""
    return await _found(bus, bucket, {"seq": revision})


async def _found(bus: Bus, bucket: str, query: dict[str, Any]) -> Value:
    try:
        found = (await bus.api(f"STREAM.MSG.GET.{subjects.bucket_stream(bucket)}", query))["message"]
    except Rejected as reason:
        if _NOT_FOUND in str(reason):
            return NOTHING
        raise
    return Value(base64.b64decode(found.get("data", "")), found["seq"], datetime.fromisoformat(found["time"]))


def key_of(bucket: str, subject: str) -> str:
    """The key behind a subject of the bucket's stream."""
    return subject.removeprefix(subjects.bucket_key(bucket, ""))
