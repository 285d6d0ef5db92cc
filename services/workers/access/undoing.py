"""Takes back what a run has changed on the servers, and sees to it that this lasts."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from shared.access.terms import Servings
from shared.directory.effects import LedgerRow
from shared.directory.errors import NoSuchServer

from ..door import Result, RunContext, succeeded
from ..ledgered.reversing import undone_by
from ..tools import Tools
from . import reversing
from .carrying import Carrier
from .execution import concluded, on_servers
from .telling import Telling
from .wording import Story

NOTHING = "nothing to undo: the run has changed nothing that is not undone already"


class UndoAccess:
    """Undoes runs that change access. What is not as the run left it stays as it is."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def __call__(self, run: RunContext, undone: UUID) -> Result:
        """Take the changes of the run `undone` back, the newest first. JobFailed: not all could be."""
        policy = await self._tools.preferences.access()
        rows = await self._tools.ledger.of_run(run.id) or await self._planned(run, undone)
        if not rows:
            return succeeded(NOTHING)
        if run.dry_run:
            Telling(run, rows)
            return concluded(Story(rows=rows, rehearsed=True))
        await self._tools.ledger.write(rows)
        carrier = Carrier(self._tools, policy, run.job, undoing=True)
        rows, failures = await on_servers(self._tools, run, carrier, rows, {})
        await self._tools.ledger.mark_undone([undone_by(row) for row in rows if row.state == "done"], run.id)
        return concluded(Story(rows=rows), failures)

    async def _planned(self, run: RunContext, undone: UUID) -> list[LedgerRow]:
        found = reversing.to_undo(await self._tools.ledger.of_run(undone))
        rows = [reversing.inverse(row, run.id, number) for number, row in enumerate(found, start=1)]
        there = await self._servings({row.server_id for row in rows if row.server_id is not None})
        return [
            reversing.lasting(row, there[row.server_id]) if row.kind == "access" and row.server_id in there else row
            for row in rows
        ]

    async def _servings(self, servers: Collection[UUID]) -> dict[UUID, Servings]:
        found = {}
        for server_id in servers:
            # Of a server that is gone nothing can be taken back, which is said row by row.
            with suppress(NoSuchServer):
                found[server_id] = await self._tools.books.servings(server_id)
        return found
