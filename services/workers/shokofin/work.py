"""What a job of Shokofin is to the handler that runs it: a plan for one server, and how to carry one step of it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from shared.directory.effects import LedgerRow

from ..clients.steps import Step as Progress
from ..door import RunContext
from .places import Place


class NotNow(Exception):
    """A step can't sensibly be carried out any more: things have changed since it was planned. The message says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Step(Struct, frozen=True, kw_only=True):
    """A change of the plan. `kind` is one of its work's; `before` and `after` are JSON, and enough to undo it by."""

    kind: str
    target: str
    why: str
    before: Any = None
    after: Any = None
    person_id: UUID | None = None
    account_id: UUID | None = None


class Planned(Struct, frozen=True, kw_only=True):
    """All that is to be done on one server.

    `failures`: a clause for each thing that could not be looked at; `transient`: another attempt may succeed with
    them. `warnings`: what a person should know about the plan, each a sentence without a full stop.
    """

    steps: Sequence[Step] = ()
    failures: Sequence[str] = ()
    transient: bool = False
    warnings: Sequence[str] = ()


class Work(Protocol):
    """What one job does on a Jellyfin server."""

    @property
    def needs_library(self) -> bool:
        """Whether the server's library has to be ours alone, with no scan going on."""
        ...

    @property
    def kinds(self) -> Mapping[str, str]:
        """Each kind of step, those of an undo included, and what it has done, in words: "merged"."""
        ...

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """What is to be done there; nothing is changed. OutsideError, DirectoryError: it can't be said."""
        ...

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """Bring it about, unless it is so already; a detail for a person, or "".

        A row that is `claimed` was begun by an attempt that did not live to close it. NotNow: the present is neither
        as planned nor as wanted, so nothing is changed. OutsideError: this step failed; the others are tried all the
        same, unless it is Unreachable.
        """
        ...

    def inverse(self, row: LedgerRow) -> Step | None:
        """What takes a row that was done back; None: nothing can. Its `target` and `why` stay the row's."""
        ...


def reading(run: RunContext, place: Place) -> Progress:
    """Has a client tell the run what it reads, while nobody knows yet how much there will be to do."""
    return lambda _, note: run.progress(None, f"{place.server.name}: {note}")


def not_installed(place: Place) -> Planned:
    """The plan for a server on which there is no plugin."""
    return Planned(warnings=[f"Shokofin is not installed on {place.server.name}"])
