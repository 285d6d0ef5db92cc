"""When administrators are told what of a job. Pure.

- What is wrong is told at once, and then no more of it, however often it comes and goes, until nothing was wrong for
  the calm minutes in a row; then it is told once that the job has recovered. A flapping job is one message so.
- A run that waits for approval is no trouble of the job. That trouble began is told although a run waits; that a run
  waits is told after the trouble is over. Another run that waits, after the first no longer does, is told when the calm
  minutes have passed since the last message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import structs

from shared.directory.alertrecords import Alert, AlertPolicy, JobNews, Told, Verdict

from .ailments import Finding, JobState, ailment

STEP = timedelta(seconds=30)
"""How exactly it is remembered when a job was last seen unwell, so that a long trouble is not written down forever."""


def judge(state: JobState, told: Told | None, now: datetime, policy: AlertPolicy) -> Verdict:
    """What is to be told of a job now, and what is to be remembered, after `told` was told of it."""
    found = ailment(state, now, policy)
    if told is None:
        return _news(state, found, now) if found else Verdict(job=state.job, told=None)
    calm = timedelta(minutes=policy.calm_minutes)
    if told.kind == "held":
        return _while_held(state, found, told, now, calm)
    return _in_trouble(state, found, told, now, calm)


def _in_trouble(state: JobState, found: Finding | None, told: Told, now: datetime, calm: timedelta) -> Verdict:
    if found and found.kind != "held":
        return _unwell(told, now)
    unwell_at = max(told.unwell_at, state.failed_at or told.unwell_at)
    if now - unwell_at < calm:
        return Verdict(job=state.job, told=structs.replace(told, unwell_at=unwell_at))
    reason = f"Nothing has been wrong for {calm // timedelta(minutes=1)} minutes"
    alert = _alert(state, "recovered", f"recovered/{told.key}", told.run, reason=reason, now=now)
    return Verdict(job=state.job, told=None, alert=alert)


def _while_held(state: JobState, found: Finding | None, told: Told, now: datetime, calm: timedelta) -> Verdict:
    if found and found.kind != "held":
        return _news(state, found, now)
    calmed = now - told.at >= calm
    if found is None:
        return Verdict(job=state.job, told=None if calmed else structs.replace(told, over=True))
    if told.over and calmed and found.run.id != told.run:
        return _news(state, found, now)
    return Verdict(job=state.job, told=told)


def _unwell(told: Told, now: datetime) -> Verdict:
    moved = now - told.unwell_at >= STEP
    return Verdict(job=told.job, told=structs.replace(told, unwell_at=now) if moved else told)


def _news(state: JobState, found: Finding, now: datetime) -> Verdict:
    run = found.run.id
    told = Told(job=state.job, key=found.key, kind=found.kind, run=run, at=now, unwell_at=now)
    alert = _alert(state, found.kind, found.key, run, reason=found.reason, now=now)
    return Verdict(job=state.job, told=told, alert=alert)


def _alert(state: JobState, kind: JobNews, key: str, run: UUID, *, reason: str, now: datetime) -> Alert:
    return Alert(key=key, kind=kind, job=state.job, title=state.title, run=run, reason=reason, at=now)
