"""Which hook is told what of which run, when again, and where it may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from msgspec import structs

from shared.contracts.feed import Run
from shared.contracts.reports import Outcome

from .terms import HookEvent, HookMessage, HookOut

MOST_TRIES = 10
MOST_WAITING = 1000
"""Deliveries of one hook, disabled ones included; beyond that the oldest are given up."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


class Ended(Protocol):
    """A run that has ended."""

    id: UUID
    job: str
    category: str
    outcome: Outcome | None


class Telling(NamedTuple):
    """A hook is to be told of a run."""

    id: UUID
    hook: UUID
    run: UUID
    job: str
    event: HookEvent


def event_of(outcome: Outcome | None, before: Outcome | None) -> HookEvent:
    """What the end of a run is, by how it ended and the job's last run `before` it that succeeded or failed."""
    match outcome:
        case "failed" | "held":
            return outcome
        case "succeeded" if before == "failed":
            return "recovered"
        case _:
            return "finished"


def concerns(hook: HookOut, job: str, category: str) -> bool:
    """Whether the hook is about the runs of this job."""
    return not (hook.jobs or hook.categories) or job in hook.jobs or category in hook.categories


def tellings(hooks: Iterable[HookOut], ended: Iterable[Ended], before: Mapping[UUID, Outcome]) -> list[Telling]:
    """Which hook is to be told of which of these runs. `before`: by run, see `event_of`."""
    runs = [(run, event_of(run.outcome, before.get(run.id))) for run in ended]
    return [
        Telling(delivery_id(hook.id, run.id), hook.id, run.id, run.job, event)
        for hook in hooks
        for run, event in runs
        if concerns(hook, run.job, run.category) and (event in hook.events or "finished" in hook.events)
    ]


def delivery_id(hook: UUID, run: UUID) -> UUID:
    """The id under which a hook is told of a run: the same however often that is worked out."""
    return uuid5(hook, str(run))


def message_of(delivery: UUID, hook: str, event: HookEvent, run: Run) -> HookMessage:
    """What a hook is told of a run; the trace of its error is for administrators alone."""
    error = None if run.error is None else structs.replace(run.error, trace="")
    return HookMessage(delivery=delivery, hook=hook, event=event, run=structs.replace(run, error=error))


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries, at least one, before the next."""
    doublings = min(tries - 1, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def fault_of(url: str) -> str:
    """What is wrong with the address of a hook; empty if nothing is. An address at home is as good as any."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it can't be read"
    if parts.scheme not in {"http", "https"} or not host:
        return "it has to look like https://example.org/path"
    if parts.username is not None or parts.password is not None:
        return "it must not hold a name or a password: what is sent is signed, so check the signature"
    if parts.fragment or any(character <= " " for character in url):
        return "it must not hold blanks or a part behind #"
    return ""
