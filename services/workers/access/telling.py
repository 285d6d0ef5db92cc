"""What a run says of its plan, and of what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.reports import Level
from shared.directory.effects import LedgerRow

from ..door import RunContext
from . import wording

OPEN = frozenset({"planned", "claimed"})


class Telling:
    """Tells the whole plan at once, then each row as it is closed; those that an earlier attempt closed too."""

    def __init__(self, run: RunContext, rows: Sequence[LedgerRow]) -> None:
        self._run = run
        self._count = sum(row.state in OPEN for row in rows)
        self._closed = 0
        if rows:
            run.plan(wording.changes(rows))
        if len(rows) > wording.MOST_CHANGES:
            run.log(f"The plan shows the first {wording.MOST_CHANGES} of {len(rows)} changes", "warning")
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
        if row.number <= wording.MOST_CHANGES:
            match row.state:
                case "done" | "failed" | "skipped":
                    self._run.applied(row.number, row.state, row.detail)
