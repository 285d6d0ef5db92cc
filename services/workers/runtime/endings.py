"""How an attempt ends, as a value: the one place that turns what a handler did into a report. Pure."""

from __future__ import annotations

import traceback
from datetime import datetime, timedelta

from shared.contracts.reports import Failure, Finished, Outcome, Retrying

from ..door import JobFailed, ResourceBusy, Result
from .live import LiveRun

_LONGEST_BACKOFF_S = 3600.0


def ended(live: LiveRun, result: Result, now: datetime) -> Finished:
    """The handler returned."""
    return _finished(live, now, result.outcome, result.summary)


def stopped(live: LiveRun, now: datetime) -> Finished | Retrying:
    """The handler was stopped: by a person, by a loss, by its time-out, or since the worker shuts down."""
    if live.cancelled_by is not None:
        return cancelled(live, now)
    if live.lost:
        return lost(live, live.lost, now)
    return timed_out(live, now) if live.timed_out else interrupted(live, now)


def cancelled(live: LiveRun, now: datetime) -> Finished:
    """A person stopped it."""
    return _finished(live, now, "cancelled", f"cancelled by {live.cancelled_by}")


def timed_out(live: LiveRun, now: datetime) -> Finished | Retrying:
    """It took longer than its job allows."""
    limit = live.definition.spec.timeout_s
    failure = Failure(code="timed_out", message=f"The run was stopped after its time-out of {limit:g} s.")
    return _failed(live, failure, now, retry=True)


def lost(live: LiveRun, why: str, now: datetime) -> Finished | Retrying:
    """It does not hold any more what it worked on."""
    return _failed(live, Failure(code="resource_lost", message=f"{why}."), now, retry=True)


def raised(live: LiveRun, error: Exception, now: datetime) -> Finished | Retrying:
    """The handler raised: expectedly (`JobFailed`), or by a fault of its own."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, JobFailed):
        return _failed(live, Failure(code=error.code, message=error.message), now, retry=error.retry)
    if isinstance(error, ResourceBusy):
        return lost(live, error.reason, now) if error.begun else _finished(live, now, "skipped", error.reason)
    message = f"{type(error).__name__}: {error}"
    trace = "".join(traceback.format_exception(error))
    return _failed(live, Failure(code="crashed", message=message, trace=trace), now, retry=True)


def interrupted(live: LiveRun, now: datetime) -> Finished | Retrying:
    """The worker shuts down: another takes the run over at once, if the run has an attempt left."""
    if live.attempt >= live.definition.spec.attempts:
        failure = Failure(code="interrupted", message="The worker was shut down during the run's last attempt.")
        return _finished(live, now, "failed", "", error=failure)
    failure = Failure(code="interrupted", message="The worker was shut down; the run goes on elsewhere.")
    return Retrying(run=live.id, job=live.job, attempt=live.attempt, at=now, next_at=now, error=failure)


def exhausted(live: LiveRun, now: datetime) -> Finished:
    """The run came back after its last attempt: every worker that had it died or was cut off."""
    attempts = live.definition.spec.attempts
    message = f"None of {attempts} attempts came to an end: the worker died or was cut off each time."
    return _finished(live, now, "failed", "", error=Failure(code="worker_lost", message=message), attempt=attempts)


def backoff_s(live: LiveRun) -> float:
    """Seconds until the next attempt: doubled each time, an hour at most."""
    return float(min(_LONGEST_BACKOFF_S, live.definition.spec.backoff_s * 2 ** (live.attempt - 1)))


def _failed(live: LiveRun, failure: Failure, now: datetime, *, retry: bool) -> Finished | Retrying:
    if retry and live.attempt < live.definition.spec.attempts:
        next_at = now + timedelta(seconds=backoff_s(live))
        return Retrying(run=live.id, job=live.job, attempt=live.attempt, at=now, next_at=next_at, error=failure)
    return _finished(live, now, "failed", "", error=failure)


def _finished(
    live: LiveRun, now: datetime, outcome: Outcome, summary: str, *, error: Failure | None = None, attempt: int = 0
) -> Finished:
    return Finished(
        run=live.id,
        job=live.job,
        attempt=attempt or live.attempt,
        started_at=live.started_at,
        at=now,
        outcome=outcome,
        summary=summary,
        error=error,
    )
