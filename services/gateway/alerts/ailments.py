"""What is wrong with a job, if anything. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from shared.contracts.feed import Run
from shared.directory.alertrecords import Ailment, AlertPolicy

GRACE = timedelta(minutes=1)
"""A worker ends a run at its time-out by itself, and has that long to say so."""
LONGEST_REASON = 500


class JobState(Struct, frozen=True, kw_only=True):
    """A job as the board has it. `last`: its last run that has ended; `active`: the one under way that got furthest.

    `failed_at`: when one of its runs last failed.
    """

    job: str
    title: str
    timeout_s: float
    last: Run | None = None
    active: Run | None = None
    failed_at: datetime | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """What is wrong, with which run, and why. `key` tells it from all else that was ever wrong."""

    kind: Ailment
    key: str
    run: Run
    reason: str


def ailment(state: JobState, now: datetime, policy: AlertPolicy) -> Finding | None:
    """What is wrong with the job now: a run that is stuck, else what became of its last run."""
    return _stuck(state, now, timedelta(minutes=policy.stuck_minutes)) or _ended(state)


def _ended(state: JobState) -> Finding | None:
    run = state.last
    if run is None:
        return None
    if run.outcome == "failed":
        reason = run.error.message if run.error else run.summary
        return _finding("failed", run, reason or "The run says no more than that.")
    if run.outcome == "held":
        return _finding("held", run, run.summary)
    return None


def _stuck(state: JobState, now: datetime, patience: timedelta) -> Finding | None:
    run = state.active
    if run is None:
        return None
    if run.state == "running":
        longest = timedelta(seconds=state.timeout_s)
        reason = f"It has been running for {{waited}}, and has to end within {_minutes(longest)}"
        return _late(run, run.started_at, longest + GRACE, now, reason)
    since = run.next_attempt_at if run.state == "retrying" else run.fired_at
    return _late(run, since, patience, now, "For {waited} no worker has taken it")


def _late(run: Run, since: datetime | None, longest: timedelta, now: datetime, reason: str) -> Finding | None:
    if since is None or now - since <= longest:
        return None
    # One run can be stuck twice: first nobody takes it, and then it does not end.
    return _finding("stuck", run, reason.format(waited=_minutes(now - since)), f"/{run.state}")


def _finding(kind: Ailment, run: Run, reason: str, more: str = "") -> Finding:
    if len(reason) > LONGEST_REASON:
        reason = f"{reason[: LONGEST_REASON - 1]}…"
    return Finding(kind=kind, key=f"{kind}/{run.job}/{run.id}{more}", run=run, reason=reason)


def _minutes(span: timedelta) -> str:
    minutes = max(span // timedelta(minutes=1), 1)
    return f"{minutes} minutes" if minutes > 1 else "a minute"
