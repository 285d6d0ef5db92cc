"""The inverse of what a run has done, as rows of the ledger: from what it left, back to what it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import structs

from shared.access.intent import entitled, intended
from shared.access.terms import Effect, Servings, Subscriber
from shared.directory.effects import LedgerRow

from ..ledgered import reversing
from .standings import Standing, kept, standing

INVERSE: Mapping[str, str] = {
    "access": "access",
    "adopt": "rules",
    "rules": "rules",
    "invite": "uninvite",
    "end": "spare",
    "spare": "end",
    "remove": "bring_back",
    "bring_back": "remove",
}
"""What takes each kind of change back. A withdrawn invitation stays so: the person has to be invited anew."""


def to_undo(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """What can be taken back of a run, in the order in which to do so."""
    return [row for row in reversing.to_undo(rows) if row.kind in INVERSE]


def inverse(row: LedgerRow, run: UUID, number: int) -> LedgerRow:
    """The row that takes another back."""
    return reversing.reversed_row(row, run, number, kind=INVERSE[row.kind], before=row.after, after=row.before)


def lasting(row: LedgerRow, servings: Servings) -> LedgerRow:
    """An inverse of a change of access with the rules by which it lasts: by itself, the next run would undo the undo.

    The inverse of an undo puts the rules back that were there before it.
    """
    holding = next((holding for holding in servings.holdings if holding.account_id == row.account_id), None)
    if holding is None:
        return row
    # Whose account it is now: it may have been given to somebody else since.
    subscriber = servings.people[holding.person_id]
    before, after = standing(row.before), standing(row.after)
    if not before.rules:
        rules = _rules(before, after, subscriber, servings)
        before = structs.replace(before, rules={number: subscriber.rules.get(number) for number in rules})
        after = structs.replace(after, rules=rules)
    # "All libraries" would open those that have come since.
    if after.all_libraries and after.libraries != servings.present:
        after = structs.replace(after, raw=None)
    return structs.replace(row, person_id=subscriber.id, before=kept(before), after=kept(after))


def _rules(before: Standing, after: Standing, subscriber: Subscriber, servings: Servings) -> dict[int, Effect | None]:
    wants = intended(subscriber, servings)
    rules: dict[int, Effect | None] = {}
    for number in (after.libraries - before.libraries) - wants:
        rules[number] = "allow" if entitled(subscriber) else "always"
    for number in (before.libraries - after.libraries) & wants:
        rules[number] = "deny"
    return rules
