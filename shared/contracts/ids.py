"""Run ids: UUIDs of version 7 (RFC 9562), so that they sort by time."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_MS = timedelta(milliseconds=1)
_VERSION_AND_VARIANT = (7 << 76) | (2 << 62)
_RANDOM_BITS = ((1 << 76) - (1 << 64)) | ((1 << 62) - 1)


@lru_cache(maxsize=200_000)
def _job_bits(job: str) -> int:
    digest = hashlib.blake2b(job.encode(), digest_size=10).digest()
    return int.from_bytes(digest, "big") & _RANDOM_BITS | _VERSION_AND_VARIANT


def slot_run(job: str, slot_ms: int) -> UUID:
    """The id of the run of a job's slot (milliseconds since the epoch): the same whoever works it out."""
    return UUID(int=(slot_ms << 80) | _job_bits(job))


def new_run() -> UUID:
    """The id of a run made by hand."""
    return UUID(int=(time.time_ns() // 1_000_000 << 80) | secrets.randbits(80) & _RANDOM_BITS | _VERSION_AND_VARIANT)


def first_run(moment: datetime) -> UUID:
    """The lowest id that a run of this millisecond could have."""
    return UUID(int=max(0, (moment - _EPOCH) // _ONE_MS) << 80)


def made_at(run: UUID) -> datetime:
    """When a run was made, or its slot due, to the millisecond. An id that is none of ours may name any moment."""
    try:
        return _EPOCH + timedelta(milliseconds=run.int >> 80)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
