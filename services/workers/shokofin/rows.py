"""The rows of the ledger that a plan comes to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from msgspec import Struct, structs

from shared.directory.effects import LedgerRow
from shared.directory.records import Server

from ..door import RunContext
from ..ledgered import reversing
from ..ledgered.telling import OPEN
from .work import Step, Work


class Inverses(Struct, frozen=True, kw_only=True):
    """What takes a run back. `left`: the targets of what nothing can take back."""

    rows: Sequence[LedgerRow] = ()
    left: Sequence[str] = ()


def drafted(run: RunContext, server: Server, steps: Iterable[Step]) -> list[LedgerRow]:
    """Steps as rows that have no number yet."""
    return [
        LedgerRow(
            key="",
            run=run.id,
            job=run.job,
            number=0,
            kind=step.kind,
            person_id=step.person_id,
            server_id=server.id,
            account_id=step.account_id,
            target=f"{step.target} on {server.name}",
            why=step.why,
            before=step.before,
            after=step.after,
        )
        for step in steps
    ]


def numbered(rows: Iterable[LedgerRow], first: int) -> list[LedgerRow]:
    """The rows with their places in the run's plan; one that has no key yet gets it."""
    return [
        structs.replace(row, number=number, key=row.key or f"{row.run}:{number}")
        for number, row in enumerate(rows, start=first)
    ]


def inverses(done: Iterable[LedgerRow], run: UUID, work: Work) -> Inverses:
    """The rows that take `done` back, the newest first, without numbers yet."""
    rows: list[LedgerRow] = []
    left: list[str] = []
    for row in reversing.to_undo(done):
        step = work.inverse(row)
        if step is None:
            left.append(row.target)
        else:
            rows.append(reversing.reversed_row(row, run, 0, kind=step.kind, before=step.before, after=step.after))
    return Inverses(rows=rows, left=left)


def still_open(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Those that are still to be carried out."""
    return [row for row in rows if row.state in OPEN]


def still_true(earlier: Iterable[LedgerRow], planned_anew: Collection[UUID | None]) -> list[LedgerRow]:
    """The rows of earlier attempts that count still: where a server was planned anew, what failed is planned again."""
    return [row for row in earlier if row.state == "done" or row.server_id not in planned_anew]
