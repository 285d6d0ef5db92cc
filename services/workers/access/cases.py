"""A row of the ledger with what it is about, read anew right before it is carried out."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct, structs

from shared.access.reconcile import decide
from shared.access.terms import AccessPolicy, Holding, Servings, Subscriber
from shared.directory.accessbook import AccessBook
from shared.directory.effects import LedgerRow
from shared.directory.errors import NoSuchAccount

from .looks import as_seen, stands
from .presence import Present
from .standings import Standing, standing
from .survey import Reach


class Case(Struct, frozen=True, kw_only=True):
    """What a row is about: `seen` is the account as it was found on the server, `holding` as it is in the books."""

    row: LedgerRow
    before: Standing
    after: Standing
    servings: Servings
    subscriber: Subscriber
    holding: Holding
    present: Present
    seen: Holding


async def case_of(books: AccessBook, row: LedgerRow, reach: Reach, *, undoing: bool) -> Case:
    """Read what a row is about; an account that has not been looked at is. NoSuchAccount; OutsideError."""
    servings = await books.serving_of(account_of(row))
    (holding,) = servings.holdings
    # What a change of ours may have done, or is to undo, was not done by hand.
    if undoing or row.state == "claimed":
        holding = structs.replace(holding, settled=None)
    present = await _present(holding, reach)
    return Case(
        row=row,
        before=standing(row.before),
        after=standing(row.after),
        servings=servings,
        subscriber=servings.people[holding.person_id],
        holding=holding,
        present=present,
        seen=as_seen(holding, present, servings),
    )


def is_as_left(case: Case) -> bool:
    """Whether the account is still as it was when the change was decided."""
    if stands(case.seen, case.before):
        return True
    # A share that has to be made anew is ended first: a worker that died in between left nothing.
    return case.row.state == "claimed" and not case.seen.observed and case.seen.state != "removed"


def is_still_wanted(case: Case, policy: AccessPolicy) -> bool:
    """Whether all that the row would change is still to be changed."""
    decision = decide(case.seen, case.subscriber, case.servings, policy)
    if decision is None:
        return False
    has = case.seen.observed
    lock = case.after.locked if case.after.locked != case.seen.locked else None
    return (
        case.after.libraries - has <= decision.give
        and has - case.after.libraries <= decision.take
        and lock in (None, decision.lock)
    )


def account_of(row: LedgerRow) -> UUID:
    """Which account a row is about. NoSuchAccount: the ledger does not say."""
    if row.account_id is None:
        raise NoSuchAccount(f"{row.target}: the ledger does not say which account this is")
    return row.account_id


async def _present(holding: Holding, reach: Reach) -> Present:
    if holding.state == "wanted":
        return Present(state="pending")
    if holding.outside_id not in reach.presents:
        reach.presents.update(await reach.provider.look([holding.outside_id]))
    return reach.presents[holding.outside_id]
