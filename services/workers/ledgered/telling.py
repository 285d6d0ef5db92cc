"""What a run says of its plan, and of what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.contracts.reports import Change, Level
from shared.directory.effects import LedgerRow

from ..door import RunContext

OPEN = frozenset({"planned", "claimed"})


class Telling:
    """Tells the plan at once, then each row as it is closed; those that an earlier attempt closed too.

    `change` words a row. Of a long plan the first `most` changes are shown: it travels in one message, and a person
    reads it.
    """

    def __init__(
        self, run: RunContext, rows: Sequence[LedgerRow], change: Callable[[LedgerRow], Change], most: int
    ) -> None:
        self._run = run
        self._most = most
        self._count = sum(row.state in OPEN for row in rows)
        self._closed = 0
        if rows:
            run.plan([change(row) for row in rows if row.number <= most])
        if len(rows) > most:
            run.log(f"The plan shows the first {most} of {len(rows)} changes, and {len(rows) - most} more", "warning")
        for row in rows:
            if row.state not in OPEN and row.state != "held":
                self._applied(row)

    def closed(self, row: LedgerRow) -> None:
        """That a row has been carried out, or why not."""
        self._closed += 1
        self._run.progress(self._closed / self._count, row.target)
        if row.state != "done":
            level: Level = "error" if row.state == "failed" else "warning"
            self._run.log(f"{row.target} {row.state}: {row.detail}", level)
        self._applied(row)

    def _applied(self, row: LedgerRow) -> None:
        if row.number <= self._most:
            match row.state:
                case "done" | "failed" | "skipped":
                    self._run.applied(row.number, row.state, row.detail)
