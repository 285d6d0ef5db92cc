"""Puts people aside who have accounts, but on them nothing, and are to have nothing. Nobody is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from shared.directory.effects import LedgerRow

from ..door import Result, RunContext
from ..ledgered.telling import OPEN
from ..tools import Tools
from .deciding import Decider, UndoDecisions
from .execution import concluded, on_people
from .planning import numbered
from .telling import Telling
from .wording import Story

WHY = "none of their accounts has a library, and none is to have one"


class PutAside:
    """The handler. A person whom a server gives libraries again comes back by themselves."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._undo = UndoDecisions(tools)

    async def __call__(self, run: RunContext) -> Result:
        """Put them aside, or bring back whom such a run has put aside."""
        if run.undoes is not None:
            return await self._undo(run, run.undoes)
        earlier = await self._tools.ledger.of_run(run.id)
        rows = earlier
        if not any(row.state in OPEN for row in earlier):
            found = await self._tools.books.without_libraries()
            rows = [*earlier, *numbered(_drafts(run, found), len(earlier) + 1)]
        if run.dry_run:
            Telling(run, rows)
            return concluded(Story(rows=rows, rehearsed=True))
        await self._tools.ledger.write(rows)
        policy = await self._tools.preferences.access()
        return concluded(Story(rows=await on_people(run, rows, Decider(self._tools, policy, run.job).carry)))


def _drafts(run: RunContext, found: Mapping[UUID, str]) -> list[LedgerRow]:
    return [
        LedgerRow(key="", run=run.id, job=run.job, number=0, kind="remove", person_id=person_id, target=name, why=WHY)
        for person_id, name in found.items()
    ]
