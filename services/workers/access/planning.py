"""What a run means to do, as rows of the ledger: what it may do now, and what has to wait for approval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from shared.access.limits import holders, losers, too_much
from shared.access.reconcile import adoptions
from shared.access.terms import AccessPolicy, Decision, Effect, Holding, Libraries, Servings, Subscriber
from shared.directory.effects import LedgerRow

from .presence import Present
from .reasons import PlanNames, adopted_because, changed_because
from .standings import Standing, kept, standing

NOTHING: Libraries = frozenset()


class Taking(Struct, frozen=True, kw_only=True):
    """What would be taken from one account; `lock`: its log-in too."""

    libraries: Libraries = NOTHING
    lock: bool = False


Takings = Mapping[UUID, Taking]
"""By account."""


class Bound(Struct, frozen=True, kw_only=True):
    """`why` a run has to wait for approval before it takes anything from `people`; nobody when it need not wait."""

    why: str = ""
    people: frozenset[UUID] = frozenset()


def takings(rows: Iterable[LedgerRow]) -> dict[UUID, Taking]:
    """What these rows would take."""
    found: dict[UUID, Taking] = {}
    for row in rows:
        if row.account_id is not None:
            before, after = standing(row.before), standing(row.after)
            former = found.get(row.account_id, Taking())
            found[row.account_id] = Taking(
                libraries=former.libraries | (before.libraries - after.libraries),
                lock=former.lock or (after.locked and not before.locked),
            )
    return found


def still_taken(row: LedgerRow, decisions: Iterable[Decision]) -> bool:
    """Whether anything of what the row would take is still to be taken."""
    taking = takings([row]).get(row.account_id, Taking()) if row.account_id else Taking()
    return any(
        decision.account_id == row.account_id
        and (decision.take & taking.libraries or (decision.lock is True and taking.lock))
        for decision in decisions
    )


def without(decisions: Iterable[Decision], takings: Takings) -> Iterator[Decision]:
    """The decisions without those takings; one of which nothing is left is left out."""
    for decision in decisions:
        taking = takings.get(decision.account_id, Taking())
        left = structs.replace(
            decision,
            take=decision.take - taking.libraries,
            after=decision.after | (decision.take & taking.libraries),
            lock=None if decision.lock and taking.lock else decision.lock,
        )
        if left.give or left.take or left.adopt_given or left.adopt_taken or left.lock is not None:
            yield left


def bounded(
    decisions: Iterable[Decision], servings: Iterable[Servings], approved: Takings, policy: AccessPolicy
) -> Bound:
    """Whether all that is taken, but for what a person has approved, is too much to take unasked."""
    everywhere = tuple(servings)
    people: dict[UUID, Subscriber] = {}
    for server in everywhere:
        people.update(server.people)
    losing = losers(without(decisions, approved), people)
    why = too_much(len(losing), len(holders(everywhere)), policy)
    return Bound(why=why, people=losing) if why else Bound()


def split(decision: Decision, bound: Bound, approved: Takings) -> tuple[Decision | None, Decision | None]:
    """The part of a decision that may be done now, and the part that has to wait."""
    if decision.person_id not in bound.people:
        return decision, None
    allowed = approved.get(decision.account_id, Taking())
    late = Taking(libraries=decision.take - allowed.libraries, lock=decision.lock is True and not allowed.lock)
    now = next(without([decision], {decision.account_id: late}), None)
    if late == Taking():
        return now, None
    then = Decision(
        account_id=decision.account_id,
        person_id=decision.person_id,
        before=decision.after | late.libraries,
        after=decision.after,
        take=late.libraries,
        lock=True if late.lock else None,
    )
    return now, then


class Drafter(Struct, frozen=True, kw_only=True):
    """Makes rows of the decisions about one server, all of one run. Numbers come last: see `numbered`.

    `presents`: how the accounts were found, by outside id. `formers`: the last changes made of them.
    """

    run: UUID
    job: str
    servings: Servings
    policy: AccessPolicy
    plans: PlanNames
    presents: Mapping[str, Present]
    formers: Mapping[UUID, LedgerRow]
    holdings: Mapping[UUID, Holding]

    def rows(self, decision: Decision) -> Iterator[LedgerRow]:
        """The exceptions that are kept, then what is changed on the server."""
        if decision.adopt_given or decision.adopt_taken:
            yield self._adoption(decision)
        if decision.give or decision.take or decision.lock is not None:
            yield self.change(decision)

    def change(self, decision: Decision) -> LedgerRow:
        """What is changed on the server."""
        holding = self.holdings[decision.account_id]
        locked = holding.locked if decision.lock is None else decision.lock
        present = self.presents.get(holding.outside_id)
        before = structs.replace(
            self._standing(decision.before, locked=holding.locked, raw=present.raw if present else None),
            all_libraries=holding.all_libraries,
        )
        after = self._standing(decision.after, locked=locked, raw=self._former(decision, locked=locked))
        why = changed_because(decision, holding, self.servings, self.policy, self.plans)
        return self._row("invite" if decision.invite else "access", decision, why, before, after)

    def _adoption(self, decision: Decision) -> LedgerRow:
        subscriber = self.servings.people[decision.person_id]
        made = adoptions(decision, subscriber)
        former: dict[int, Effect | None] = {number: subscriber.rules.get(number) for number in made}
        by_hand = (decision.before - decision.adopt_given) | decision.adopt_taken
        before = self._standing(by_hand, rules=former)
        after = self._standing(decision.before, rules=dict(made))
        return self._row("adopt", decision, adopted_because(self.servings), before, after)

    def _former(self, decision: Decision, *, locked: bool) -> Any:
        """How the server had the account before we took all from it, if that is just what it is to have again."""
        former = self.formers.get(decision.account_id)
        if former is None or decision.before or standing(former.after).libraries:
            return None
        had = standing(former.before)
        same = had.libraries == decision.after and had.locked == locked
        # "All libraries" would open those that have come since.
        return had.raw if same and (not had.all_libraries or had.libraries == self.servings.present) else None

    def _standing(
        self,
        libraries: Libraries,
        *,
        locked: bool = False,
        raw: Any = None,
        rules: dict[int, Effect | None] | None = None,
    ) -> Standing:
        titles = tuple(sorted(self.servings.titles[number] for number in libraries))
        return Standing(libraries=libraries, titles=titles, locked=locked, raw=raw, rules=rules or {})

    def _row(self, kind: str, decision: Decision, why: str, before: Standing, after: Standing) -> LedgerRow:
        name = self.servings.people[decision.person_id].name
        return LedgerRow(
            key="",
            run=self.run,
            job=self.job,
            number=0,
            kind=kind,
            person_id=decision.person_id,
            server_id=self.servings.server_id,
            account_id=decision.account_id,
            target=f"{name} on {self.servings.name}",
            why=why,
            before=kept(before),
            after=kept(after),
            state="planned",
        )


def numbered(rows: Iterable[LedgerRow], first: int) -> list[LedgerRow]:
    """The rows with their numbers in the run's plan, from `first` on, and the keys by which each is done once."""
    return [
        structs.replace(row, number=number, key=f"{row.run}:{number}") for number, row in enumerate(rows, start=first)
    ]
