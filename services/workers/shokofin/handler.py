"""Runs one work on each Jellyfin server: planned, told, written down, carried out, and taken back.

An attempt that finds open rows of its run goes on with them instead of planning anew: effects are idempotent. What
fails on one server, or with one step, stops no other; the run ends failed all the same, and says all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from msgspec import structs

from shared.contracts.specs import Parameter
from shared.directory.effects import LedgerRow
from shared.directory.records import Server

from ..door import JobFailed, Result, RunContext, skipped, succeeded
from ..ledgered.reversing import undone_by
from ..ledgered.servers import Failed, awake, on_each
from ..ledgered.telling import Telling
from ..tools import Tools
from . import wording
from .carrying import GONE, Carrier
from .concluding import Told, concluded, rehearsed
from .places import open_place
from .rows import inverses, numbered, still_open
from .visits import Visit, libraries_held, looked_up
from .work import Work

ONLY = Parameter(name="server", title="Only the server of this name", kind="text")
"""The parameter by which a person has a run look at one server only."""

NO_SERVER = "no Jellyfin server is set up, or all are disabled"
LEFT_BEHIND = "the run ended before it came to this"
NOTHING_TO_UNDO = "nothing to undo: the run has changed nothing that is not undone already"


class OnEachServer:
    """The handler of a job that does `work`."""

    def __init__(self, tools: Tools, work: Work) -> None:
        self._tools = tools
        self._work = work

    async def __call__(self, run: RunContext) -> Result:
        """Do it, go on with it, or take it back. JobFailed: not all could be done."""
        earlier, left = await self._earlier(run)
        if run.undoes is not None and not (earlier or left):
            return succeeded(NOTHING_TO_UNDO)
        servers, resting = awake(await self._servers(run, earlier))
        if not (servers or earlier or left):
            return skipped("; ".join(resting) or NO_SERVER)
        async with AsyncExitStack() as stack:
            visits, failures = await on_each(run, servers, self._reached)
            if self._work.needs_library:
                visits, busy = await libraries_held(run, stack, visits, self._tools.now)
                if busy and not (visits or failures or still_open(earlier)):
                    return skipped("; ".join(failed.why for failed in busy))
                failures += busy
            visits, unplanned = await self._looked_up(run, visits, earlier)
            visits, rows = _numbered(visits, earlier)
            told = Told(rows=rows, visits=visits, failures=[*failures, *unplanned], resting=resting, left=left)
            return await self._carry_out(run, told)

    async def _reached(self, server: Server) -> Visit:
        return Visit(place=await open_place(self._tools, server))

    async def _looked_up(
        self, run: RunContext, visits: Sequence[Visit], earlier: Sequence[LedgerRow]
    ) -> tuple[list[Visit], list[Failed]]:
        run.progress(0.0, "looking what is to be done")
        at = {visit.server.id: visit for visit in visits}
        servers = [visit.server for visit in visits]
        return await on_each(run, servers, lambda server: looked_up(self._work, run, at[server.id], earlier))

    async def _earlier(self, run: RunContext) -> tuple[list[LedgerRow], Sequence[str]]:
        """The run's rows so far; those of an undo are all known from the beginning."""
        ledger = self._tools.ledger
        rows = await ledger.of_run(run.id)
        if not rows and not run.dry_run:
            for row in await ledger.left_open(run.job):
                await ledger.close(row.key, "skipped", LEFT_BEHIND)
        if rows or run.undoes is None:
            return await self._without_those_gone(rows), ()
        back = inverses(await ledger.of_run(run.undoes), run.id, self._work)
        rows = numbered(back.rows, 1)
        if run.dry_run:
            return rows, back.left
        await ledger.write(rows)
        return await self._without_those_gone(rows), back.left

    async def _servers(self, run: RunContext, earlier: Sequence[LedgerRow]) -> list[Server]:
        servers = await self._tools.directory.servers("jellyfin")
        if run.undoes is not None:
            there = {row.server_id for row in still_open(earlier)}
            return [server for server in servers if server.id in there]
        name = run.params.get(ONLY.name)
        if not name:
            return servers
        chosen = [server for server in servers if server.name == name]
        if not chosen:
            raise JobFailed("no_such_server", _unknown(name, servers), retry=False)
        return chosen

    async def _carry_out(self, run: RunContext, told: Told) -> Result:
        for visit in told.visits:
            for warning in visit.planned.warnings if visit.planned else ():
                run.log(warning, "warning")
        change = partial(wording.change, kinds=self._work.kinds)
        telling = Telling(run, told.rows, change, wording.MOST_CHANGES)
        if run.dry_run:
            return rehearsed(told, self._work.kinds)
        await self._tools.ledger.write([row for visit in told.visits if visit.planned for row in visit.rows])
        carrier = Carrier(self._tools, self._work, run, telling)
        at = {visit.server.id: visit for visit in told.visits}
        servers = [visit.server for visit in told.visits]
        left, away = await on_each(run, servers, lambda server: carrier.carry(at[server.id]))
        rows = [carrier.rows.get(row.key, row) for row in told.rows]
        if run.undoes is not None:
            await self._tools.ledger.mark_undone([undone_by(row) for row in rows if row.state == "done"], run.id)
        failures = [*(failed for failed in left if failed), *away]
        return concluded(told, rows, failures, self._work.kinds, transient=carrier.transient)

    async def _without_those_gone(self, rows: Sequence[LedgerRow]) -> list[LedgerRow]:
        """The rows, of which those that are open for servers that are no more are closed."""
        there = {server.id for server in await self._tools.directory.servers("jellyfin") if server.enabled}
        gone = {row.key for row in still_open(rows) if row.server_id not in there}
        for key in gone:
            await self._tools.ledger.close(key, "skipped", GONE)
        return [structs.replace(row, state="skipped", detail=GONE) if row.key in gone else row for row in rows]


def _unknown(name: str, servers: Sequence[Server]) -> str:
    known = ", ".join(server.name for server in servers) or "none"
    return f"There is no Jellyfin server called {name}: choose one of those that there are ({known})"


def _numbered(visits: Sequence[Visit], earlier: Sequence[LedgerRow]) -> tuple[list[Visit], list[LedgerRow]]:
    """The visits with their new rows numbered on from the earlier ones, and all rows."""
    rows, done = list(earlier), []
    for visit in visits:
        if visit.planned is None:
            done.append(visit)
            continue
        new = numbered(visit.rows, len(rows) + 1)
        rows += new
        done.append(structs.replace(visit, rows=new))
    return done, rows
