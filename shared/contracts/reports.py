"""What workers say about runs. A worker sends its reports in bundles, in order, one bundle at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

Attempt = Annotated[int, Meta(ge=0, le=1_000_000)]
Ordinal = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""Bounded as the columns are that keep them: a report beyond is no report, and stops nobody who reads it."""

Outcome = Literal["succeeded", "failed", "skipped", "cancelled", "held"]
"""How a run ended. Held: it took its plan, or a part of it, for too much, and waits for a person to approve that."""
Level = Literal["debug", "info", "warning", "error"]


class Failure(Struct, frozen=True, kw_only=True):
    """Why an attempt failed: a stable `code`, a message for a person, and for administrators the trace."""

    code: str
    message: str
    trace: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """One step of a plan: what would be done to which `target`, and why. `before` is what an undo needs."""

    number: Ordinal
    action: str
    target: str
    why: str = ""
    before: Any = None
    after: Any = None


class Started(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="started.v1"):
    """An attempt began. Left out when the run's end goes with the same bundle, since that says it too."""

    run: UUID
    job: str
    attempt: Attempt
    at: datetime


class Progressed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="progressed.v1"):
    """`share` of the work done, 0 to 1 (left out while nobody knows), and what is being done now."""

    run: UUID
    job: str
    attempt: Attempt
    at: datetime
    share: float | None = None
    note: str = ""


class Logged(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="logged.v1"):
    """A log line; `number` counts the lines of one attempt from 1."""

    run: UUID
    job: str
    attempt: Attempt
    number: Ordinal
    at: datetime
    level: Level
    text: str


class Planned(Struct, frozen=True, kw_only=True, tag="planned.v1"):
    """The whole plan of a run, before any of it is applied."""

    run: UUID
    job: str
    attempt: Attempt
    at: datetime
    changes: tuple[Change, ...]


class Applied(Struct, frozen=True, kw_only=True, tag="applied.v1"):
    """What became of one change of the plan."""

    run: UUID
    job: str
    attempt: Attempt
    at: datetime
    number: Ordinal
    state: Literal["done", "failed", "skipped"]
    detail: str = ""


class Retrying(Struct, frozen=True, kw_only=True, tag="retrying.v1"):
    """This attempt ended without an outcome (it failed, or its worker stopped); the run is tried again at `next_at`."""

    run: UUID
    job: str
    attempt: Attempt
    at: datetime
    next_at: datetime
    error: Failure


class Finished(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="finished.v1"):
    """The run has ended. `started_at` is when this last attempt began."""

    run: UUID
    job: str
    attempt: Attempt
    started_at: datetime
    at: datetime
    outcome: Outcome
    summary: str = ""
    error: Failure | None = None


Report = Started | Progressed | Logged | Planned | Applied | Retrying | Finished


class Reports(Struct, frozen=True, kw_only=True, tag="reports.v1"):
    """A bundle: the reports of one worker, in the order in which they happened."""

    worker: str
    category: str
    reports: tuple[Report, ...] = field(default_factory=tuple)
