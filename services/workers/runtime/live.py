"""A run while it is with us: what its handler knows, and says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime
from math import inf
from time import monotonic
from typing import Any, Literal
from uuid import UUID

from shared.contracts.reports import Applied, Change, Level, Logged, Planned, Progressed
from shared.contracts.ticks import APPROVES, UNDOES, Tick
from shared.messaging import Message
from shared.runtime.clock import utc_now

from ..door import Held, Job, Look
from .entering import Entrance
from .outbox import Outbox

# A handler that talks without end is cut short, not its run.
_LINES = 20_000


class LiveRun:
    """The `RunContext` of one attempt."""

    __slots__ = (
        "_entrance", "_left_s", "_lines", "_outbox", "_share", "_waits", "attempt", "cancelled_by", "deadline",
        "definition", "lost", "message", "started_at", "task", "tick", "timed_out",
    )  # fmt: skip

    def __init__(self, definition: Job, tick: Tick, message: Message, outbox: Outbox, entrance: Entrance) -> None:
        self.definition = definition
        self.tick = tick
        self.message = message
        self.attempt = message.deliveries
        self.started_at: datetime = utc_now()
        self.task: asyncio.Task[None] | None = None
        self.cancelled_by: str | None = None
        self.deadline = monotonic() + definition.spec.timeout_s
        self.timed_out = False
        self.lost = ""
        self._outbox = outbox
        self._entrance = entrance
        self._lines = 0
        self._share: float | None = None
        self._waits = 0

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

    def progress(self, share: float | None, note: str = "") -> None:
        """See `RunContext`."""
        if share is not None:
            self._share = min(1.0, max(0.0, share))
        self._outbox.put(
            Progressed(run=self.id, job=self.job, attempt=self.attempt, at=utc_now(), share=self._share, note=note)
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

    def hold(self, resource: str, what: str, *, look: Look | None = None) -> AbstractAsyncContextManager[Held]:
        """See `RunContext`."""
        return self._entrance.entered(self, {resource: what}, look)

    def hold_own(self) -> AbstractAsyncContextManager[Held]:
        """Hold what the spec says, all of it or nothing."""
        resources = self.definition.spec.resources
        return self._entrance.entered(self, dict(zip(resources, resources, strict=True)))

    @property
    def waits(self) -> bool:
        """Whether it waits for something to hold."""
        return self._waits > 0

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """While a block of these lasts, no time counts towards the time-out."""
        if not self._waits:
            self._left_s = self.deadline - monotonic()
            self.deadline = inf
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            if not self._waits:
                self.deadline = monotonic() + self._left_s

    def lose(self, why: str) -> None:
        """Stop the handler, since it no longer holds what it works on."""
        if not self.lost and self.task is not None:
            self.lost = why
            self.task.cancel()

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
