"""What a run that changes access says of its plan, and of what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from shared.directory.effects import LedgerRow

from ..door import RunContext
from ..ledgered import telling
from . import wording


class Telling(telling.Telling):
    """Words the rows as changes of access."""

    def __init__(self, run: RunContext, rows: Sequence[LedgerRow]) -> None:
        super().__init__(run, rows, wording.change, wording.MOST_CHANGES)
