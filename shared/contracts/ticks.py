"""What the scheduler writes to the tick log: a job's slots, each fired or accounted for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

Trigger = Literal["slot", "manual", "retry"]

APPROVES = "approves"
UNDOES = "undoes"
"""Parameters that no spec declares: the run whose held plan this one carries out, or whose changes it takes back."""
SkipReason = Literal["paused", "disabled", "overlap", "downtime", "merged", "by_hand"]


class Tick(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="tick.v1"):
    """Run this job now: for the slot that is due, or because `asked_by` wants it.

    `slot` is the nominal moment and `due_at` the slot with its jitter; both are absent on a tick made by hand.
    `retry_of` names the run that a person wants tried again.
    """

    run: UUID
    job: str
    category: str
    trigger: Trigger
    fired_at: datetime
    slot: datetime | None = None
    due_at: datetime | None = None
    params: dict[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    asked_by: str = ""
    retry_of: UUID | None = None


class SlotsSkipped(Struct, frozen=True, kw_only=True, gc=False, tag="skip.v1"):
    """The `count` slots from `first` to `last` (both included) were not fired, and why."""

    job: str
    category: str
    first: datetime
    last: datetime
    count: Annotated[int, Meta(ge=0, le=2_000_000_000)]
    why: SkipReason
    at: datetime


TickEvent = Tick | SlotsSkipped
