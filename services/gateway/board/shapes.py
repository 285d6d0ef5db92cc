"""What the API and the event stream show of jobs and runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from shared.contracts.feed import RunState
from shared.contracts.reports import Failure, Outcome
from shared.contracts.ticks import Trigger

Status = Literal["disabled", "running", "queued", "paused", "error", "idle"]
SchedulerState = Literal["leading", "absent", "unreachable"]


class ScheduleView(Struct, frozen=True, kw_only=True):
    """When a job is due: `value` as it is written (`5m`, or a cron expression), `words` as it is said.

    `timezone` is null for intervals, which no clock change touches. `minimum` is the shortest interval that may be set.
    """

    kind: Literal["interval", "cron"]
    value: str
    words: str
    timezone: str | None
    overridden: bool
    minimum: str


class LastRun(Struct, frozen=True, kw_only=True):
    id: UUID
    trigger: Trigger | None
    started_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome
    summary: str


class LastError(Struct, frozen=True, kw_only=True):
    message: str
    at: datetime | None


class RunningView(Struct, frozen=True, kw_only=True):
    """The run that is under way. `progress` is 0 to 1; `eta` is guessed from the runs before."""

    run_id: UUID
    state: RunState
    attempt: int
    progress: float | None
    note: str
    started_at: datetime | None
    eta: datetime | None


class NeedView(Struct, frozen=True, kw_only=True):
    """What must be set up for the job to be of use; `met` is null where it can't be told."""

    what: str
    met: bool | None
    hint: str


class ParameterView(Struct, frozen=True, kw_only=True):
    name: str
    title: str
    kind: Literal["text", "integer", "boolean", "choice"]
    default: Any
    required: bool
    choices: tuple[str, ...]


class RecentRun(Struct, frozen=True, gc=False):
    """`number` counts the job's finished runs; `duration_ms` is null for a run that never started."""

    number: int
    outcome: Outcome
    duration_ms: int | None


class Job(Struct, frozen=True, kw_only=True):
    """A job as it stands. `next_run_at` is null while it is disabled or paused; `recent` has the newest run last.

    `resources` are what its runs hold alone; one with `quiet` can be told to wait until it disturbs nobody. One that
    is `by_hand` is paused from the beginning, until somebody resumes it.
    """

    name: str
    title: str
    description: str
    category: str
    advanced: bool
    editable: bool
    destructive: bool
    dry_run: bool
    undo: bool
    resources: tuple[str, ...]
    quiet: bool
    parameters: tuple[ParameterView, ...]
    schedule: ScheduleView
    status: Status
    enabled: bool
    paused: bool
    by_hand: bool
    paused_until: datetime | None
    reason: str
    run_count: int
    run_count_since_start: int
    last_run: LastRun | None
    next_run_at: datetime | None
    last_error: LastError | None
    running: RunningView | None
    needs: tuple[NeedView, ...]
    recent: tuple[RecentRun, ...]


class SchedulerView(Struct, frozen=True, kw_only=True):
    """`absent`: nobody leads; `unreachable`: NATS can't be reached. `detail` says so, and what follows from it.

    `heartbeat_at` is when the leader was last heard; in the event stream it moves only when something else does.
    """

    state: SchedulerState
    leader: str | None
    heartbeat_at: datetime | None
    detail: str = ""


class RunView(Struct, frozen=True, kw_only=True, gc=False):
    """A run as it stands. Times are null until they happen; the trace of an error is shown to administrators alone.

    `approved_by` and `undone_by` are the runs that a person had made to carry out what this one held back, and to take
    back what it did, and `holds_back` is whether a part of its plan waits for approval: so it may be of a run that
    failed after it had written that down. The event stream of all jobs does not tell these.
    """

    id: UUID
    job: str
    category: str
    state: RunState
    trigger: Trigger | None
    slot: datetime | None
    due_at: datetime | None
    fired_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None
    attempt: int
    outcome: Outcome | None
    summary: str
    error: Failure | None
    progress: float | None
    note: str
    next_attempt_at: datetime | None
    worker: str
    params: dict[str, Any]
    dry_run: bool
    asked_by: str
    retry_of: UUID | None
    approved_by: UUID | None = None
    undone_by: UUID | None = None
    holds_back: bool = False
