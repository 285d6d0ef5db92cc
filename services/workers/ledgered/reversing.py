"""The rows of the ledger that take back what a run has done, each the inverse of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import structs

from shared.directory.effects import LedgerRow

_UNDONE = ":undone-by:"


def to_undo(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """What a run has done and nobody has taken back, in the order in which to do so: the newest first."""
    return [row for row in reversed(list(rows)) if row.state == "done" and not row.undone_by]


def reversed_row(row: LedgerRow, run: UUID, number: int, *, kind: str, before: Any, after: Any) -> LedgerRow:
    """The row that takes another back. A row is taken back once by a run, whatever number it has there."""
    return structs.replace(
        row,
        key=f"{row.key}{_UNDONE}{run}",
        run=run,
        number=number,
        kind=kind,
        why=f"undoes: {row.why}" if row.why else "undoes a run",
        before=before,
        after=after,
        state="planned",
        detail="",
        planned_at=None,
        closed_at=None,
    )


def undone_by(row: LedgerRow) -> str:
    """The key of the row that this one takes back."""
    return row.key.rpartition(_UNDONE)[0]
