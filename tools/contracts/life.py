"""The life of a run, drawn from what its row does when it is told of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import product
from uuid import UUID

from services.gateway.runs import RunRow
from shared.contracts.reports import Failure, Finished, Retrying, Started

START = datetime.fromtimestamp(0, UTC)
RUN = UUID(int=0)
ATTEMPTS = (1, 2)
LONGEST = 4  # events in a row: enough to come through every state, and back into one

Event = tuple[str, Callable[[RunRow], bool]]


def diagram() -> str:
    """A state diagram for Mermaid: each step that changes a run's state, or begins its next attempt."""
    drawn = [f"    {before} --> {after}: {event}" for before, event, after in _steps()]
    return "\n".join(["stateDiagram-v2", "    [*] --> queued: tick", *drawn, "    finished --> [*]"])


def _steps() -> list[tuple[str, str, str]]:
    found: dict[tuple[str, str, str], None] = {}
    for length in range(1, LONGEST + 1):
        for events in product(_events(), repeat=length):
            row = RunRow(RUN, "job", "category")
            for name, happens in events:
                before = row.state
                if happens(row):
                    found[before, name, row.state] = None
    return list(found)


def _events() -> Iterator[Event]:
    for attempt in ATTEMPTS:
        yield "started", partial(RunRow.started, report=_started(attempt), worker="")
        yield "retrying", partial(RunRow.retrying, report=_retrying(attempt))
    yield "finished", partial(RunRow.finished, report=_finished(), worker="")


def _started(attempt: int) -> Started:
    return Started(run=RUN, job="job", attempt=attempt, at=START)


def _retrying(attempt: int) -> Retrying:
    error = Failure(code="crashed", message="")
    return Retrying(run=RUN, job="job", attempt=attempt, at=START, next_at=START, error=error)


def _finished() -> Finished:
    return Finished(run=RUN, job="job", attempt=1, started_at=START, at=START, outcome="succeeded")
