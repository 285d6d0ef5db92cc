"""Carries rows of the ledger out on one server: claimed before, closed after, in batches."""

from __future__ import annotations

from msgspec import structs

from shared.directory.effects import ClosedState, LedgerRow
from shared.directory.errors import NoSuchServer
from shared.directory.records import Server
from shared.outside.errors import OutsideError, Unreachable

from ..door import ResourceBusy, RunContext
from ..ledgered.servers import Failed
from ..ledgered.telling import Telling
from ..tools import Tools
from .visits import Visit
from .work import NotNow, Work

BATCH = 25
"""Steps between two looks whether the library is ours still."""
GONE = "the server is gone, or disabled"


class Carrier:
    """Carries out for one run. `rows`: what it has closed, by key; `transient`: one that failed may yet succeed."""

    def __init__(self, tools: Tools, work: Work, run: RunContext, telling: Telling) -> None:
        self.rows: dict[str, LedgerRow] = {}
        self.transient = False
        self._directory = tools.directory
        self._ledger = tools.ledger
        self._work = work
        self._run = run
        self._telling = telling

    async def carry(self, visit: Visit) -> Failed | None:
        """The rows of a visit in their order; Failed: why it was left in the middle. OutsideError: it is away."""
        rows = visit.rows
        for start in range(0, len(rows), BATCH):
            try:
                if visit.held is not None:
                    await visit.held.check()
            except ResourceBusy as busy:
                why = f"{busy.reason} ({start} of {len(rows)} done on {visit.server.name}; the rest is tried again)"
                return Failed(server=visit.server, why=why, transient=True)
            for row in rows[start : start + BATCH]:
                await self._one(visit, row)
        return None

    async def _one(self, visit: Visit, row: LedgerRow) -> None:
        if not await self._wanted(visit.server):
            return await self._close(row, "skipped", GONE)
        if row.state == "planned" and not await self._ledger.claim(row.key):
            return await self._close(row, "skipped", "closed by another run")
        try:
            detail = await self._work.carry(self._run, visit.place, row)
        except NotNow as reason:
            return await self._close(row, "skipped", reason.reason)
        except Unreachable as error:
            # Nobody knows whether it took effect, so that it stays open; but only once, lest it keeps the others out.
            if row.state == "claimed":
                await self._close(row, "failed", str(error))
            raise
        except OutsideError as error:
            self.transient = self.transient or error.transient
            return await self._close(row, "failed", str(error))
        return await self._close(row, "done", detail)

    async def _wanted(self, server: Server) -> bool:
        """Whether nobody has removed or disabled it since the run began: then nothing more may be asked of it."""
        try:
            return (await self._directory.server(server.id)).enabled
        except NoSuchServer:
            return False

    async def _close(self, row: LedgerRow, state: ClosedState, detail: str) -> None:
        await self._ledger.close(row.key, state, detail)
        self.rows[row.key] = closed = structs.replace(row, state=state, detail=detail)
        self._telling.closed(closed)
