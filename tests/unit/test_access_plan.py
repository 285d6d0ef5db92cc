"""What a run may do now and what has to wait, how it is written down and told, and how it is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from services.workers.access import planning, reversing, wording
from services.workers.access.planning import Bound, Drafter, Taking
from services.workers.access.presence import Present
from services.workers.access.standings import kept, standing
from services.workers.access.telling import Telling
from services.workers.access.wording import Story
from services.workers.ledgered.reversing import undone_by
from shared.access.terms import (
    AccessPolicy,
    Decision,
    Effect,
    Holding,
    Libraries,
    Servings,
    Subscriber,
    Subscription,
)
from shared.directory.effects import LedgerRow
from tests.support.recorded import RecordedRun

RUN, UNDO, SERVER, PLAN = uuid4(), uuid4(), uuid4(), uuid4()
TITLES = {1: "Movies", 2: "Shows", 3: "Music"}
FORMER_RAW = {"EnableAllFolders": True}


def libraries(*numbers: int) -> Libraries:
    return frozenset(numbers)


def world(count: int = 1, *, settled: Libraries | None = None, **subscriber: object) -> Servings:
    """A server with that many people, all of whom have libraries 1 and 2."""
    people = [
        structs.replace(Subscriber(id=UUID(int=number), name=f"Person {number}", managed=True), **subscriber)
        for number in range(count)
    ]
    holdings = tuple(
        Holding(
            account_id=UUID(int=1000 + person.id.int),
            person_id=person.id,
            outside_id=str(person.id.int),
            title=person.name,
            role="friend",
            state="active",
            observed=libraries(1, 2),
            settled=settled,
        )
        for person in people
    )
    return Servings(
        server_id=SERVER,
        kind="plex",
        name="Attic",
        titles=TITLES,
        outside_ids={number: str(number) for number in TITLES},
        plans={PLAN: libraries(1, 2)},
        people={person.id: person for person in people},
        holdings=holdings,
    )


def decision(
    number: int = 0, *, give: Libraries = frozenset(), take: Libraries = frozenset(), lock: bool | None = None
) -> Decision:
    before = libraries(1, 2)
    return Decision(
        account_id=UUID(int=1000 + number),
        person_id=UUID(int=number),
        before=before,
        after=(before | give) - take,
        give=give,
        take=take,
        lock=lock,
    )


def drafter(servings: Servings, formers: Iterable[LedgerRow] = ()) -> Drafter:
    return Drafter(
        run=RUN,
        job="apply_plex_access",
        servings=servings,
        policy=AccessPolicy(),
        plans={PLAN: "Family"},
        presents={"0": Present(observed=frozenset({"1", "2"}), state="active", raw={"share": "7"})},
        formers={row.account_id: row for row in formers if row.account_id is not None},
        holdings={holding.account_id: holding for holding in servings.holdings},
    )


def draft(one: Decision, servings: Servings) -> list[LedgerRow]:
    return planning.numbered(drafter(servings).rows(one), 1)


def test_who_is_not_over_the_limit_has_everything_done_at_once() -> None:
    whole = decision(give=libraries(3), take=libraries(1))
    assert planning.split(whole, Bound(), {}) == (whole, None)


def test_what_is_taken_waits_and_what_is_given_does_not() -> None:
    bound = Bound(why="too many", people=frozenset({UUID(int=0)}))
    now, then = planning.split(decision(give=libraries(3), take=libraries(1), lock=True), bound, {})
    assert now is not None and then is not None
    assert (now.give, now.take, now.lock, now.after) == (libraries(3), libraries(), None, libraries(1, 2, 3))
    assert (then.before, then.take, then.lock, then.after) == (now.after, libraries(1), True, libraries(2, 3))


def test_what_is_approved_does_not_wait() -> None:
    bound = Bound(why="too many", people=frozenset({UUID(int=0)}))
    approved = {UUID(int=1000): Taking(libraries=libraries(1))}
    now, then = planning.split(decision(take=libraries(1, 2)), bound, approved)
    assert now is not None and then is not None
    assert (now.take, then.take) == (libraries(1), libraries(2))


def test_the_limit_counts_neither_what_is_approved_nor_what_waits() -> None:
    servings = world(20)
    taken = [decision(number, take=libraries(1)) for number in range(12)]
    policy = AccessPolicy(most_people=10, most_share=1.0)
    assert len(planning.bounded(taken, [servings], {}, policy).people) == 12
    rows = [row for one in taken[:2] for row in draft(one, servings)]
    known = planning.takings(rows)
    assert planning.bounded(taken, [servings], known, policy) == Bound()
    assert len(list(planning.without(taken, known))) == 10


def test_a_row_that_waits_is_called_for_as_long_as_any_of_it_is() -> None:
    (row,) = draft(decision(take=libraries(1, 2)), world())
    assert planning.still_taken(row, [decision(take=libraries(2))])
    assert not planning.still_taken(row, [decision(take=libraries(3)), decision(1, take=libraries(1))])
    assert not planning.still_taken(row, [])


def test_a_row_says_who_what_and_why() -> None:
    until = Subscription(plan_id=PLAN, started_on=date(2026, 1, 1), expires_on=date(2026, 3, 1))
    ended = structs.replace(until, ended_for=date(2026, 3, 1))
    (row,) = draft(decision(take=libraries(1, 2)), world(subscription=ended))
    change = wording.change(row)
    assert (change.action, change.target) == ("access taken", "Person 0 on Attic")
    assert change.why == "subscription Family ended on 2026-03-01"
    assert (change.before, change.after) == (["Movies", "Shows"], [])
    assert standing(row.before).raw == {"share": "7"}


@pytest.mark.parametrize(
    ("rules", "give", "take", "why"),
    [
        ({3: "allow"}, libraries(3), libraries(), "allowed as an exception"),
        ({1: "deny"}, libraries(), libraries(1), "denied as an exception"),
        ({}, libraries(), libraries(1), "no plan and no exception gives it"),
    ],
)
def test_exceptions_are_reasons(rules: dict[int, Effect], give: Libraries, take: Libraries, why: str) -> None:
    (row,) = draft(decision(give=give, take=take), world(rules=rules))
    assert row.why == why


def test_what_was_done_by_hand_becomes_a_row_of_its_own() -> None:
    kept = structs.replace(decision(), adopt_given=libraries(2), adopt_taken=libraries(3))
    (row,) = draft(kept, world())
    assert row.kind == "adopt"
    assert standing(row.after).rules == {2: "allow", 3: "deny"}
    assert standing(row.before).rules == {2: None, 3: None}
    change = wording.change(row)
    assert (change.before, change.after) == (["Movies", "Music"], ["Movies", "Shows"])


def test_who_gets_all_back_that_we_took_gets_it_as_it_was() -> None:
    servings = world()
    (taken,) = draft(decision(take=libraries(1, 2)), servings)
    before = structs.replace(standing(taken.before), raw=FORMER_RAW)
    former = structs.replace(taken, before=kept(before))
    back = Decision(
        account_id=UUID(int=1000),
        person_id=UUID(int=0),
        before=libraries(),
        after=libraries(1, 2),
        give=libraries(1, 2),
    )
    assert standing(drafter(servings, [former]).change(back).after).raw == FORMER_RAW
    less = structs.replace(back, give=libraries(1), after=libraries(1))
    assert standing(drafter(servings, [former]).change(less).after).raw is None
    all_libraries = structs.replace(former, before=kept(structs.replace(before, all_libraries=True)))
    assert standing(drafter(servings, [all_libraries]).change(back).after).raw is None, "library 3 has come since"


def test_an_inverse_lasts_by_rules_that_fit_whether_access_has_ended() -> None:
    for suspended, effect in ((False, "allow"), (True, "always")):
        servings = world(suspended=suspended)
        (row,) = draft(decision(take=libraries(1, 2)), servings)
        inverse = reversing.lasting(reversing.inverse(row, UNDO, 1), servings)
        assert standing(inverse.after).libraries == libraries(1, 2)
        assert standing(inverse.after).rules == {1: effect, 2: effect}
        assert undone_by(inverse) == row.key
        back = reversing.lasting(reversing.inverse(inverse, uuid4(), 1), servings)
        assert standing(back.after).rules == {1: None, 2: None}


def test_an_inverse_denies_what_is_still_intended() -> None:
    servings = world(rules={3: "allow"})
    (row,) = draft(decision(give=libraries(3)), servings)
    inverse = reversing.lasting(reversing.inverse(row, UNDO, 1), servings)
    assert standing(inverse.after).rules == {3: "deny"}
    assert standing(inverse.before).rules == {3: "allow"}


def test_only_what_was_done_and_not_yet_undone_is_undone_the_newest_first() -> None:
    (row,) = draft(decision(take=libraries(1)), world())
    done = [structs.replace(row, number=number, key=str(number), state="done") for number in range(4)]
    rows = [done[0], structs.replace(done[1], undone_by=UNDO), structs.replace(done[2], state="failed"), done[3]]
    assert [found.number for found in reversing.to_undo(rows)] == [3, 0]


def test_a_run_is_told_in_a_sentence() -> None:
    servings = world(30)
    rows = [row for number in range(30) for row in draft(decision(number, take=libraries(1)), servings)]
    done = [structs.replace(row, state="done") for row in rows[:12]]
    failed = structs.replace(rows[12], state="failed", detail="no answer")
    held = [structs.replace(row, state="held") for row in rows[13:25]]
    told = wording.summary(Story(rows=[*done, failed, *held], too_much="12 people would lose access"))
    assert told.startswith(
        "12 people changed, 1 failed (Person 12 on Attic: no answer); access of 12 people (Person 13"
    )
    assert told.endswith("and 2 more) waits for approval: 12 people would lose access")
    assert wording.summary(Story()) == "nothing to do"
    assert wording.summary(Story(rows=rows[:1], rehearsed=True)) == "1 person to change"
    assert f"(run {RUN})" in wording.summary(Story(waiting=held))


def test_a_plan_shows_no_more_changes_than_a_person_reads() -> None:
    (row,) = draft(decision(take=libraries(1)), world())
    rows = [structs.replace(row, number=number) for number in range(1, wording.MOST_CHANGES + 3)]
    run = RecordedRun("apply_plex_access")
    Telling(run, rows)
    assert len(run.changes) == wording.MOST_CHANGES
    assert "and 2 more" in run.said
