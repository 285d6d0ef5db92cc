"""Carries rows out that are about people: their access ends or goes on, they are put aside or brought back."""

from __future__ import annotations

from uuid import UUID

from msgspec import structs

from shared.access.states import has_ended
from shared.access.terms import AccessPolicy
from shared.directory.effects import ClosedState, LedgerRow
from shared.directory.errors import NoSuchPerson

from ..door import Result, RunContext, succeeded
from ..ledgered.reversing import undone_by
from ..tools import Tools
from . import reversing
from .execution import concluded, on_people
from .standings import ending
from .telling import Telling
from .undoing import NOTHING
from .wording import Story

OTHERWISE = "decided otherwise meanwhile"


class Decider:
    """Carries rows out for one run of a job; the servers hear of it from the jobs that apply access."""

    def __init__(self, tools: Tools, policy: AccessPolicy, job: str) -> None:
        self._tools = tools
        self._policy = policy
        self._job = job

    async def carry(self, row: LedgerRow) -> LedgerRow:
        """The row as it was closed."""
        again = row.state == "claimed"
        if not again and not await self._tools.ledger.claim(row.key):
            return structs.replace(row, state="skipped", detail="closed by another run")
        try:
            done = await self._decide(row, row.person_id, again) if row.person_id else False
        except NoSuchPerson as error:
            return await self._close(row, "skipped", str(error))
        return await self._close(row, "done") if done else await self._close(row, "skipped", OTHERWISE)

    async def _decide(self, row: LedgerRow, person_id: UUID, again: bool) -> bool:
        match row.kind:
            case "end":
                return await self._end(row, person_id, again)
            case "spare":
                last_day = ending(row.after).expires_on
                return await self._tools.books.spare(person_id, last_day, who=self._job, note=row.why)
            case "remove":
                await self._tools.membership.remove([person_id], row.why, by=self._job)
            case "bring_back":
                await self._tools.membership.bring_back(
                    [person_id], by=self._job, today=self._tools.today, policy=self._policy
                )
        return True

    async def _end(self, row: LedgerRow, person_id: UUID, again: bool) -> bool:
        wanted = ending(row.after)
        if await self._tools.books.end(
            person_id, wanted.expires_on, approved=wanted.approved, who=self._job, note=row.why
        ):
            return True
        subscription = (await self._tools.books.subscriber(person_id)).subscription
        return again and subscription is not None and has_ended(subscription)

    async def _close(self, row: LedgerRow, state: ClosedState, detail: str = "") -> LedgerRow:
        await self._tools.ledger.close(row.key, state, detail)
        return structs.replace(row, state=state, detail=detail)


class UndoDecisions:
    """Undoes runs that decide about people."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def __call__(self, run: RunContext, undone: UUID) -> Result:
        """Take the decisions of the run `undone` back, the newest first."""
        rows = await self._tools.ledger.of_run(run.id) or [
            reversing.inverse(row, run.id, number)
            for number, row in enumerate(reversing.to_undo(await self._tools.ledger.of_run(undone)), start=1)
        ]
        if not rows:
            return succeeded(NOTHING)
        if run.dry_run:
            Telling(run, rows)
            return concluded(Story(rows=rows, rehearsed=True))
        await self._tools.ledger.write(rows)
        policy = await self._tools.preferences.access()
        rows = await on_people(run, rows, Decider(self._tools, policy, run.job).carry)
        await self._tools.ledger.mark_undone([undone_by(row) for row in rows if row.state == "done"], run.id)
        return concluded(Story(rows=rows))
