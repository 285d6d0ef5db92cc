"""Traces of runs: a run's id is its trace's, and each span's id is made from the run and what the span is about.

So whoever tells of a run, in whichever process, agrees with all others, and no message carries anything for it. See
ADR 12. The spans of a run, each below the one before:

    asked               a person or a program has asked for it: only of runs by hand
    tick                from the moment when it was due until its tick was on disk
    attempt n           a worker's try; below it, each request to a server outside
    projected           from the end of the run until it stood in Postgres

This module knows nothing of OpenTelemetry: `otlp` does, and is loaded only where spans are sent.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

SpanKind = Literal["internal", "server", "client", "producer", "consumer"]
Stage = Literal["asked", "tick", "attempt", "projected"]

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_NONE = 0


class Link(Struct, frozen=True):
    """Somebody else's span that led to one of ours."""

    trace: int
    span: int


class Span(Struct, frozen=True, kw_only=True):
    """What happened from `start_ns` to `end_ns`, nanoseconds since the Unix epoch. `error`: why it failed.

    `parent` is the id of a span of the same run, 0 for none.
    """

    run: UUID
    id: int
    name: str
    start_ns: int
    end_ns: int
    parent: int = _NONE
    kind: SpanKind = "internal"
    attributes: Mapping[str, str | int | float | bool] = {}
    error: str = ""
    link: Link | None = None


class Tracer(Protocol):
    """Sends spans, some time; telling it of one never waits, and never fails."""

    def tell(self, span: Span) -> None:
        """Have a span sent, unless its run is none of the sample."""
        ...


class Below(Struct, frozen=True):
    """Below which span something happens, and where to tell of it."""

    run: UUID
    span: int
    tracer: Tracer


current: ContextVar[Below | None] = ContextVar("current", default=None)
"""The attempt that this task works for; set only where spans are sent."""


def span_id(run: UUID, stage: Stage, attempt: int = 0) -> int:
    """The id of a span of a run: the first 8 bytes of the SHA-256 of the run's 16 bytes and `stage:attempt`."""
    digest = hashlib.sha256(run.bytes + f"{stage}:{attempt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") or 1


def any_id() -> int:
    """The id of a span that nobody else needs to know."""
    return secrets.randbits(64) or 1


def sampled(run: UUID, ratio: float) -> bool:
    """Whether a run belongs to a sample of this share of all runs: the same wherever it is asked.

    By a hash, since the bits of a run's id are not random: they say when it was due, and of which job.
    """
    digest = hashlib.sha256(run.bytes).digest()
    return int.from_bytes(digest[:8], "big") < ratio * 2**64


def link_of(traceparent: str) -> Link | None:
    """The caller's span, as the header `traceparent` names it (W3C Trace Context, 3.2); None if it names none."""
    match = _TRACEPARENT.fullmatch(traceparent.strip())
    if match is None:
        return None
    trace, span = int(match["trace"], 16), int(match["span"], 16)
    return Link(trace, span) if trace and span else None


def ns(moment: datetime) -> int:
    """Nanoseconds since the Unix epoch."""
    return int(moment.timestamp() * 1_000_000) * 1000
