"""Key-value buckets (NATS ADR-8), written with comparison."""

from __future__ import annotations

from shared.contracts import subjects

from .append import Entry, append, append_plain
from .bus import Bus
from .follow import LAST_PER_SUBJECT, read_all


async def put(bus: Bus, bucket: str, key: str, value: bytes, revision: int) -> int:
    """Write a key whose present revision is `revision` (0: it is not there); its new revision. Raises `Conflict`."""
    subject = subjects.bucket_key(bucket, key)
    return await append(bus, [Entry(subject, value, subject, revision)])


async def force(bus: Bus, bucket: str, key: str, value: bytes) -> int:
    """Write a key whatever stands there; its new revision."""
    return await append_plain(bus, subjects.bucket_key(bucket, key), value)


async def get(bus: Bus, bucket: str, key: str) -> tuple[bytes, int] | None:
    """A key's value and revision, or None when it is not there."""
    found = await read_all(
        bus, subjects.bucket_stream(bucket), (subjects.bucket_key(bucket, key),), LAST_PER_SUBJECT
    )
    return (found[-1].data, found[-1].sequence) if found and found[-1].data else None


def key_of(bucket: str, subject: str) -> str:
    """The key behind a subject of the bucket's stream."""
    return subject.removeprefix(subjects.bucket_key(bucket, ""))
