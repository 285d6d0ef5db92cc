"""Why a run can't have a resource now, in words for a person who looks at it waiting. Pure."""

from __future__ import annotations

from uuid import UUID

from msgspec import DecodeError

from shared.contracts import codec
from shared.contracts.resources import Occupied
from shared.timing.durations import SECOND_MS, format_interval

UNREADABLE = "something that can't be read stands in the bucket of resources"
UNWATCHED = "nobody looks whether somebody streams"


def holder(data: bytes, what: str, run: UUID | None, worker: str) -> str:
    """Who else holds `what`, by what stands under its name: "Attic's library is held by tidy"; "" when nobody does."""
    if not data:
        return ""
    try:
        holding = codec.decode_holding(data)
    except DecodeError:
        return UNREADABLE
    # After an answer of NATS that was lost, what stands there may be our own.
    return "" if (holding.run, holding.worker) == (run, worker) else f"{what} is held by {holding.job}"


def outside(data: bytes) -> str:
    """What keeps a resource busy outside, by what its watcher says: "library scan on Attic, 42 %"; "" for nothing."""
    if not data:
        return ""
    try:
        return occupied(codec.decode_occupied(data))
    except DecodeError:
        return UNREADABLE


def streaming(data: bytes) -> str:
    """Who streams, by what the watcher says. That nobody looks is a reason, too: it means nothing."""
    return outside(data) if data else UNWATCHED


def occupied(found: Occupied) -> str:
    """The same of what somebody has just seen."""
    if not found.what or found.share is None:
        return found.what
    return f"{found.what}, {round(found.share * 100)} %"


def in_vain(reason: str, patience_s: float) -> str:
    """Why a run is skipped that has waited as long as its job allows."""
    if not patience_s:
        return reason
    return f"waited {format_interval(round(patience_s * SECOND_MS))} in vain: {reason}"
