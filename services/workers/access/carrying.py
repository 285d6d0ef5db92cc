"""Carries one row of the ledger out: looks whether it still holds, claims it, changes the server, closes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from msgspec import structs

from shared.access.backoff import retry_after
from shared.access.reconcile import decide
from shared.access.terms import AccessPolicy
from shared.directory.effects import ClosedState, LedgerRow
from shared.directory.errors import NoSuchAccount, NoSuchPerson
from shared.directory.subscribers import Origin
from shared.outside.errors import OutsideError, Refused, Unauthorized, Unreachable

from ..tools import Tools
from .cases import Case, account_of, case_of, is_as_left, is_still_wanted
from .looks import as_seen, outside_ids, share_id, stands, wished
from .presence import Present, Wish
from .provider import ChangedMeanwhile, HalfDone, Untouchable
from .standings import standing
from .survey import Reach

BY_HAND = "changed meanwhile on the server"
OTHERWISE = "decided otherwise meanwhile"

Ask = Callable[[], Awaitable[tuple[str, Present]]]
"""Changes the server; gives an account's new outside id, if it has one, and how it is then."""


class Carrier:
    """Carries rows out for one run of a job. `undoing`: the run takes back what another has done."""

    def __init__(self, tools: Tools, policy: AccessPolicy, job: str, *, undoing: bool = False) -> None:
        self._tools = tools
        self._policy = policy
        self._job = job
        self._undoing = undoing

    async def carry(self, row: LedgerRow, reach: Reach) -> LedgerRow:
        """The row as it was closed. Unreachable: the server is away, and the row stays open."""
        try:
            match row.kind:
                case "adopt":
                    return await self._adopt(row)
                case "rules":
                    return await self._change_rules(row)
                case "invite":
                    return await self._invite(row, reach)
                case "uninvite":
                    return await self._withdraw(row, reach)
                case _:
                    return await self._change(row, reach)
        except (NoSuchAccount, NoSuchPerson) as error:
            return await self._close(row, "skipped", str(error))

    async def _adopt(self, row: LedgerRow) -> LedgerRow:
        closed = await self._change_rules(row)
        if closed.state == "done" and row.account_id is not None:
            await self._tools.books.settle({row.account_id: standing(row.after).libraries})
        return closed

    async def _change_rules(self, row: LedgerRow) -> LedgerRow:
        person_id, before, after = _person(row), standing(row.before), standing(row.after)
        rules = (await self._tools.books.subscriber(person_id)).rules
        if all(rules.get(number) == effect for number, effect in after.rules.items()):
            return await self._close(row, "done")
        if any(rules.get(number) != effect for number, effect in before.rules.items()):
            return await self._close(row, "skipped", OTHERWISE)
        origin: Origin = "undo" if self._undoing else "by_hand"
        await self._tools.books.adopt(person_id, after.rules, origin, self._job, row.why)
        return await self._close(row, "done")

    async def _change(self, row: LedgerRow, reach: Reach) -> LedgerRow:
        case = await self._case(row, reach)
        if row.state == "claimed" and stands(case.seen, case.after):
            return await self._done(case, case.present)
        if not is_as_left(case):
            await self._note(case, case.present)
            return await self._close(row, "skipped", BY_HAND)
        if case.after.rules:
            await self._tools.books.adopt(case.subscriber.id, case.after.rules, "undo", self._job, row.why)
            case = await self._case(row, reach)
        if not is_still_wanted(case, self._policy):
            return await self._close(row, "skipped", OTHERWISE)

        async def ask() -> tuple[str, Present]:
            wish = wished(case.before, case.after, case.servings)
            return "", await reach.provider.apply(case.holding.outside_id, case.present, wish)

        return await self._carried_out(case, reach, ask)

    async def _invite(self, row: LedgerRow, reach: Reach) -> LedgerRow:
        case = await self._case(row, reach)
        decision = decide(case.holding, case.subscriber, case.servings, self._policy)
        if decision is None or not decision.invite or decision.give != case.after.libraries:
            return await self._close(row, "skipped", OTHERWISE)

        async def ask() -> tuple[str, Present]:
            return await reach.provider.invite(case.holding.email, outside_ids(case.after.libraries, case.servings))

        closed = await self._carried_out(case, reach, ask)
        if closed.state == "done":
            # Nothing shows before it is accepted; then, what was offered is not to look like given by hand.
            await self._tools.books.settle({case.holding.account_id: case.after.libraries})
        return closed

    async def _withdraw(self, row: LedgerRow, reach: Reach) -> LedgerRow:
        case = await self._case(row, reach)
        if case.present.state != "pending":
            await self._note(case, case.present)
            return await self._close(row, "skipped", BY_HAND)

        async def ask() -> tuple[str, Present]:
            return "", await reach.provider.apply(case.holding.outside_id, case.present, Wish())

        return await self._carried_out(case, reach, ask)

    async def _carried_out(self, case: Case, reach: Reach, ask: Ask) -> LedgerRow:
        row = case.row
        if row.state == "planned" and not await self._tools.ledger.claim(row.key):
            return structs.replace(row, state="skipped", detail="closed by another run")
        try:
            outside_id, present = await ask()
        except ChangedMeanwhile as change:
            await self._note(case, change.present)
            return await self._close(row, "skipped", BY_HAND)
        except Untouchable as error:
            await self._trouble(case, str(error))
            return await self._close(row, "skipped", str(error))
        except HalfDone as error:
            # What it has lost was lost by us: otherwise it would be taken for a change by hand, and kept.
            await self._note(case, Present(state="active"))
            await self._tools.books.settle({account_of(row): frozenset()})
            return await self._failed(case, error)
        except Unreachable:
            raise
        except OutsideError as error:
            return await self._failed(case, error)
        reach.presents[case.holding.outside_id] = present
        return await self._done(case, present, outside_id)

    async def _case(self, row: LedgerRow, reach: Reach) -> Case:
        return await case_of(self._tools.books, row, reach, undoing=self._undoing)

    async def _done(self, case: Case, present: Present, outside_id: str = "") -> LedgerRow:
        now = as_seen(case.holding, present, case.servings)
        locked = case.after.locked if case.after.locked != case.before.locked else case.holding.locked_by_us
        await self._tools.ledger.close_access(
            case.row.key,
            case.holding.account_id,
            now.observed,
            all_libraries=now.all_libraries,
            locked_by_us=locked,
            state=now.state,
            outside_id=outside_id,
            share_id=share_id(present) if outside_id else "",
        )
        return structs.replace(case.row, state="done")

    async def _failed(self, case: Case, error: OutsideError) -> LedgerRow:
        await self._trouble(case, error.message)
        if _is_sure(error):
            return await self._close(case.row, "failed", error.message)
        # It may have been done all the same: the row stays claimed, so that nobody takes it for a change by hand.
        return structs.replace(case.row, state="failed", detail=error.message)

    async def _trouble(self, case: Case, why: str) -> None:
        account_id = case.holding.account_id
        troubles = await self._tools.books.trouble()
        tries = troubles[account_id].tries + 1 if account_id in troubles else 1
        await self._tools.books.note_trouble(account_id, why, self._tools.now() + retry_after(tries))

    async def _note(self, case: Case, present: Present) -> None:
        now = as_seen(case.holding, present, case.servings)
        await self._tools.books.note_look(
            now.account_id, now.observed, all_libraries=now.all_libraries, state=now.state
        )

    async def _close(self, row: LedgerRow, state: ClosedState, detail: str = "") -> LedgerRow:
        await self._tools.ledger.close(row.key, state, detail)
        return structs.replace(row, state=state, detail=detail)


def _person(row: LedgerRow) -> UUID:
    if row.person_id is None:
        raise NoSuchPerson(f"{row.target}: the ledger does not say who this is")
    return row.person_id


def _is_sure(error: OutsideError) -> bool:
    """Whether the server has not done, or we know how far it has done, what it was asked."""
    return isinstance(error, Unauthorized | HalfDone) or (isinstance(error, Refused) and not error.transient)
