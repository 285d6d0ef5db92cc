"""A run that writes down all that its handler says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal
from uuid import UUID

from services.workers.door import Held, Look, ResourceBusy
from shared.contracts.ids import new_run
from shared.contracts.reports import Change, Level


class RecordedRun:
    """The `RunContext` of a run that no worker runs; `again` makes it the next attempt of another."""

    def __init__(
        self,
        job: str,
        *,
        dry_run: bool = False,
        again: RecordedRun | None = None,
        approves: UUID | None = None,
        undoes: UUID | None = None,
        **params: Any,
    ) -> None:
        self.id: UUID = again.id if again else new_run()
        self.job = job
        self.attempt: int = again.attempt + 1 if again else 1
        self.params: dict[str, Any] = params
        self.dry_run = dry_run
        self.approves = approves
        self.undoes = undoes
        self.shares: list[float | None] = []
        self.notes: list[str] = []
        self.lines: list[tuple[Level, str]] = []
        self.changes: list[Change] = []
        self.states: dict[int, str] = {}
        self.held: list[str] = []
        self.checks = 0

    def progress(self, share: float | None, note: str = "") -> None:
        self.shares.append(share)
        self.notes.append(note)

    def log(self, text: str, level: Level = "info") -> None:
        self.lines.append((level, text))

    def plan(self, changes: Sequence[Change]) -> None:
        assert not self.changes, "a run has one plan"
        self.changes = list(changes)

    def applied(self, number: int, state: Literal["done", "failed", "skipped"] = "done", detail: str = "") -> None:
        assert number not in self.states, f"change {number} was reported twice"
        self.states[number] = state

    @asynccontextmanager
    async def hold(self, resource: str, what: str, *, look: Look | None = None) -> AsyncIterator[Held]:
        """Nobody else holds anything; what `look` sees is in the way at once."""
        self.held.append(resource)
        if look and (found := await look()) and found.what:
            raise ResourceBusy(found.what)
        yield _Alone(self, look)

    @property
    def said(self) -> str:
        """All that a person can read of it."""
        return "\n".join([*self.notes, *(text for _, text in self.lines), *map(str, self.changes)])


class _Alone:
    """The `Held` of a recorded run."""

    def __init__(self, run: RecordedRun, look: Look | None) -> None:
        self._run = run
        self._look = look

    async def check(self) -> None:
        self._run.checks += 1
        if self._look and (found := await self._look()) and found.what:
            raise ResourceBusy(found.what, begun=True)
