"""What the gateway tells everybody, after its commit, on `feed.jobs`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct, field

from .reports import Failure, Outcome
from .ticks import SlotsSkipped, Trigger

RunState = Literal["queued", "running", "retrying", "finished"]


class Run(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A run as it stands in Postgres.

    `number` counts the finished runs of its job, this one included (0 until it has finished). Times are absent until
    they happen; a run whose report outran its tick has no `trigger` yet.
    """

    id: UUID
    job: str
    category: str
    state: RunState
    trigger: Trigger | None = None
    slot: datetime | None = None
    due_at: datetime | None = None
    fired_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int = 0
    outcome: Outcome | None = None
    summary: str = ""
    error: Failure | None = None
    progress: float | None = None
    note: str = ""
    next_attempt_at: datetime | None = None
    worker: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    asked_by: str = ""
    retry_of: UUID | None = None
    number: int = 0


class Feed(Struct, frozen=True, kw_only=True, tag="feed.v1"):
    """The newest states after one commit. `number` counts the messages of one `source`, from 1: a gap is a loss."""

    source: str
    number: int
    runs: tuple[Run, ...] = ()
    skipped: tuple[SlotsSkipped, ...] = ()


class Leader(Struct, frozen=True, kw_only=True, tag="leader.v1"):
    """Which scheduler leads; under one key of the bucket `leases`, which vanishes unless it is renewed."""

    scheduler: str
    since: datetime
    heartbeat_at: datetime
