"""The door through which a job comes in: a spec, and a handler that gets a context and returns a result.

    async def greet(run: RunContext) -> Result:
        run.log("hello")
        return succeeded("greeted one person")

    JOBS = (Job(spec=Spec(name="greet", ...), handler=greet),)

A handler may run again after its worker died half-way: make it idempotent. To stop early it only has to let
`asyncio.CancelledError` through.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct

from shared.contracts.reports import Change, Level
from shared.contracts.resources import Occupied
from shared.contracts.specs import Spec


class Result(Struct, frozen=True):
    """How a handler ended: `succeeded` (nothing to do included), `skipped` or `held`, with a sentence for a person."""

    outcome: Literal["succeeded", "skipped", "held"]
    summary: str


def succeeded(summary: str = "nothing to do") -> Result:
    """The job did its work, or found none to do."""
    return Result("succeeded", summary)


def skipped(reason: str) -> Result:
    """The job could not sensibly run now; nothing is wrong."""
    return Result("skipped", reason)


def held(summary: str) -> Result:
    """What is left of the plan is too much to do unasked: a person looks at it, and approves this run or does not."""
    return Result("held", summary)


class JobFailed(Exception):
    """An expected failure, with a stable `code` and a message for a person. `retry=False` ends the run at once."""

    def __init__(self, code: str, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry


class ResourceBusy(Exception):
    """What a run wants to hold alone is not to be had, or no longer; `reason` says why, for a person.

    Let through while the run waits for it, the run ends as skipped with this reason. If it had `begun`, and would go on
    with something that is no longer its own, this attempt has failed, and the run is tried again.
    """

    def __init__(self, reason: str, *, begun: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.begun = begun


Look = Callable[[], Awaitable[Occupied | None]]
"""Looks itself whether something outside keeps a resource busy; what it raises goes to the handler."""


class Held(Protocol):
    """What a run holds alone while the block of `RunContext.hold` lasts."""

    async def check(self) -> None:
        """Ask anew whether it is still ours, and nothing outside keeps it busy. Raises `ResourceBusy` if it is not so,
        and when nobody can tell. For before each step that must not meet another."""
        ...


class RunContext(Protocol):
    """What a handler knows of its run, and may say about it. No method waits; the block of `hold` does."""

    @property
    def id(self) -> UUID: ...
    @property
    def job(self) -> str: ...
    @property
    def attempt(self) -> int:
        """1 for the first try."""
        ...

    @property
    def params(self) -> dict[str, Any]: ...
    @property
    def dry_run(self) -> bool:
        """Show the plan, change nothing."""
        ...

    @property
    def approves(self) -> UUID | None:
        """The run that was held, and whose plan a person has approved: this run may carry that much out."""
        ...

    @property
    def undoes(self) -> UUID | None:
        """The run whose changes are to be taken back: all that this run does. Only with `Spec.undo`."""
        ...

    def progress(self, share: float | None, note: str = "") -> None:
        """`share` of the work is done (0 to 1; None: as much as before); `note` says what is being done. Only the
        newest is kept."""
        ...

    def log(self, text: str, level: Level = "info") -> None:
        """A line of the run's log."""
        ...

    def plan(self, changes: Sequence[Change]) -> None:
        """All that this run means to change, before it changes anything."""
        ...

    def applied(self, number: int, state: Literal["done", "failed", "skipped"] = "done", detail: str = "") -> None:
        """What became of one change of the plan."""
        ...

    def hold(self, resource: str, what: str, *, look: Look | None = None) -> AbstractAsyncContextManager[Held]:
        """Hold a resource alone while the block lasts; `what` is it in words: "Attic's library".

        The block is entered when no other run holds it, the watcher sees nothing outside that keeps it busy (`look`,
        if given, neither), and quiet is as people have set it for the job. Until then the run waits, says so, and is
        not timed out; after `Spec.patience_s` it is `ResourceBusy`. Who holds two takes them in the order of their
        names. A run that loses what it holds is stopped, and tried again.
        """
        ...


Handler = Callable[[RunContext], Awaitable[Result]]


class Job(Struct, frozen=True):
    """A spec beside its handler."""

    spec: Spec
    handler: Handler
