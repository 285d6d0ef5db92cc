"""A run while it is with us: what its handler knows, and says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Literal
from uuid import UUID

from shared.contracts.reports import Applied, Change, Level, Logged, Planned, Progressed
from shared.contracts.ticks import APPROVES, UNDOES, Tick
from shared.messaging import Message
from shared.runtime.clock import utc_now

from ..door import Job
from .outbox import Outbox

# A handler that talks without end is cut short, not its run.
_LINES = 20_000


class LiveRun:
    """The `RunContext` of one attempt."""

    __slots__ = (
        "_lines", "_outbox", "attempt", "cancelled_by", "deadline", "definition", "message", "started_at", "task",
        "tick", "timed_out",
    )  # fmt: skip

    def __init__(self, definition: Job, tick: Tick, message: Message, outbox: Outbox) -> None:
        self.definition = definition
        self.tick = tick
        self.message = message
        self.attempt = message.deliveries
        self.started_at: datetime = utc_now()
        self.task: asyncio.Task[None] | None = None
        self.cancelled_by: str | None = None
        self.deadline = monotonic() + definition.spec.timeout_s
        self.timed_out = False
        self._outbox = outbox
        self._lines = 0

    @property
    def id(self) -> UUID:
        return self.tick.run

    @property
    def job(self) -> str:
        return self.tick.job

    @property
    def params(self) -> dict[str, Any]:
        return self.tick.params

    @property
    def dry_run(self) -> bool:
        return self.tick.dry_run

    @property
    def approves(self) -> UUID | None:
        """See `RunContext`."""
        return _run_in(self.tick.params, APPROVES)

    @property
    def undoes(self) -> UUID | None:
        """See `RunContext`."""
        return _run_in(self.tick.params, UNDOES)

    def progress(self, share: float, note: str = "") -> None:
        """See `RunContext`."""
        share = min(1.0, max(0.0, share))
        self._outbox.put(
            Progressed(run=self.id, job=self.job, attempt=self.attempt, at=utc_now(), share=share, note=note)
        )

    def log(self, text: str, level: Level = "info") -> None:
        """See `RunContext`."""
        self._lines += 1
        if self._lines > _LINES:
            return
        if self._lines == _LINES:
            text, level = f"{_LINES} lines were logged; the rest of this attempt's is left out", "warning"
        line = Logged(
            run=self.id,
            job=self.job,
            attempt=self.attempt,
            number=self._lines,
            at=utc_now(),
            level=level,
            text=text,
        )
        self._outbox.put(line)

    def plan(self, changes: Sequence[Change]) -> None:
        """See `RunContext`."""
        self._outbox.put(Planned(run=self.id, job=self.job, attempt=self.attempt, at=utc_now(), changes=tuple(changes)))

    def applied(self, number: int, state: Literal["done", "failed", "skipped"] = "done", detail: str = "") -> None:
        """See `RunContext`."""
        self._outbox.put(
            Applied(
                run=self.id,
                job=self.job,
                attempt=self.attempt,
                at=utc_now(),
                number=number,
                state=state,
                detail=detail,
            )
        )

    def cancel(self, by: str) -> None:
        """Stop the handler, because `by` wants it."""
        self.cancelled_by = by
        if self.task is not None:
            self.task.cancel()

    def time_out(self) -> None:
        """Stop the handler, since it takes longer than its job allows. Told once: it may take its time to clean up."""
        if not self.timed_out and self.task is not None:
            self.timed_out = True
            self.task.cancel()


def _run_in(params: dict[str, Any], name: str) -> UUID | None:
    return UUID(params[name]) if name in params else None
