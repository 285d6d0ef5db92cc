"""What is done so that observed access becomes the intended one: by examples, and as properties of all of them."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from shared.access.intent import entitled, intended, why
from shared.access.reconcile import UNTOUCHABLE, adoptions, decide, in_our_hands, reconcile, unsettled
from shared.access.terms import AccessPolicy, Decision, Effect, HandEdits, Holding, Servings, Subscriber
from tests.support.subscribers import ENDED, NONE, OTHER_PLAN, PLAN, RUNS, YESTERDAY, account, person, server

ADOPT = AccessPolicy()
REVERT = AccessPolicy(hand_edits="revert")
LOCKS = AccessPolicy(lock_on_jellyfin=True)
ANNA = person(subscription=RUNS)  # plan: 1 and 2
LAPSED = person(subscription=ENDED)

LEFT_ALONE = {"library_gone", "owner", "admin", "account_removed", "unmanaged", "pending"}


def done(decision: Decision | None) -> dict[str, Any]:
    """All that is to be done, but for what it leads from and to."""
    if decision is None:
        return {}
    names = ("give", "take", "adopt_given", "adopt_taken", "invite")
    todo = {name: value for name in names if (value := getattr(decision, name))}
    return todo if decision.lock is None else {**todo, "lock": decision.lock}


def decided(subscriber: Subscriber, policy: AccessPolicy = ADOPT, kind: str = "plex", **of_account: Any) -> Any:
    holding = account(subscriber, **of_account)
    return decide(holding, subscriber, server((subscriber, holding), kind=kind), policy)


@pytest.mark.parametrize(
    ("observed", "settled", "todo"),
    [
        # As the plan says it is: nothing to do, whatever was settled.
        ({1, 2}, None, {}),
        ({1, 2}, {1, 2}, {}),
        ({1, 2}, {}, {}),
        # Nothing was settled yet, or the server is as it was: ours to change.
        ({1, 3}, None, {"give": {2}, "take": {3}}),
        ({1, 3}, {1, 3}, {"give": {2}, "take": {3}}),
        ({}, {}, {"give": {1, 2}}),
        # As it should be once, and not any more: done by hand.
        ({1, 2, 3}, {1, 2}, {"adopt_given": {3}}),
        ({1}, {1, 2}, {"adopt_taken": {2}}),
        ({2, 3}, {1, 2}, {"adopt_given": {3}, "adopt_taken": {1}}),
        # Both at once: 3 goes since the plan changed, 4 was given by hand, 1 taken by hand, 2 is new in the plan.
        ({3, 4}, {1, 3}, {"give": {2}, "take": {3}, "adopt_given": {4}, "adopt_taken": {1}}),
        # A library that is not there any more plays no part.
        ({1, 2, 9}, {1, 2}, {}),
        ({1, 2}, {1, 2, 9}, {}),
    ],
)
def test_three_ways_are_compared(observed: set[int], settled: set[int] | None, todo: dict[str, set[int]]) -> None:
    base = None if settled is None else frozenset(settled)
    decision = decided(ANNA, observed=frozenset(observed), settled=base)
    assert done(decision) == todo
    assert (decision is None) is (not todo)


def test_what_was_done_by_hand_is_undone_if_the_settings_say_so() -> None:
    decision = decided(ANNA, REVERT, observed=frozenset({2, 3}), settled=frozenset({1, 2}))
    assert done(decision) == {"give": {1}, "take": {3}}
    assert (decision.before, decision.after) == ({2, 3}, {1, 2})


def test_an_end_takes_all_and_a_renewal_brings_it_back() -> None:
    with_exception = person(subscription=ENDED, rules={3: "allow", 4: "always", 2: "deny"})
    ended = decided(with_exception, observed=frozenset({1, 3, 4}), settled=frozenset({1, 3, 4}))
    assert done(ended) == {"take": {1, 3}}
    renewed = structs.replace(with_exception, subscription=structs.replace(ENDED, expires_on=RUNS.expires_on))
    again = decided(renewed, observed=ended.after, settled=ended.after)
    assert (done(again), again.after) == ({"give": {1, 3}}, {1, 3, 4})


def test_what_an_ended_person_is_given_by_hand_stays_in_spite_of_it() -> None:
    decision = decided(LAPSED, observed=frozenset({5}), settled=NONE)
    assert done(decision) == {"adopt_given": {5}}
    assert adoptions(decision, LAPSED) == {5: "always"}
    assert adoptions(decision, ANNA) == {5: "allow"}


def test_what_is_taken_by_hand_is_denied() -> None:
    always = person(subscription=ENDED, rules={4: "always"})
    decision = decided(always, observed=NONE, settled=frozenset({4}))
    assert adoptions(decision, always) == {4: "deny"}


@pytest.mark.parametrize(
    "of_account", [{"role": "owner"}, {"role": "admin"}, {"state": "pending"}, {"state": "removed"}]
)
def test_some_accounts_are_never_touched(of_account: dict[str, Any]) -> None:
    assert decided(ANNA, observed=frozenset({5}), **of_account) is None


def test_who_is_not_managed_is_left_as_found() -> None:
    found = person(managed=False, subscription=ENDED, rules={1: "deny"})
    assert decided(found, observed=frozenset({1, 5}), settled=frozenset({2})) is None


def test_a_wanted_account_is_invited_to_what_is_intended() -> None:
    decision = decided(ANNA, state="wanted")
    assert done(decision) == {"give": {1, 2}, "invite": True}
    assert (decision.before, decision.after) == (NONE, {1, 2})
    assert decided(person(), state="wanted") is None  # an invitation to nothing is none
    assert decided(LAPSED, state="wanted") is None
    assert decided(ANNA, state="wanted", kind="jellyfin") is None


LOCKED: dict[str, Any] = {"state": "disabled", "locked_by_us": True}
ALWAYS = person(subscription=ENDED, rules={4: "always"})


@pytest.mark.parametrize(
    ("subscriber", "policy", "of_account", "todo"),
    [
        (LAPSED, LOCKS, {"observed": {1}}, {"take": {1}, "lock": True}),
        (LAPSED, LOCKS, {}, {"lock": True}),
        (LAPSED, LOCKS, {"kind": "plex"}, {}),
        (LAPSED, LOCKS, LOCKED, {}),
        (LAPSED, ADOPT, {}, {}),
        (ANNA, LOCKS, {"observed": {1, 2}}, {}),
        # What was locked by us is unlocked once somebody is entitled again, whatever the settings say by now.
        (ANNA, LOCKS, {**LOCKED, "observed": {1, 2}}, {"lock": False}),
        (ANNA, ADOPT, LOCKED, {"give": {1, 2}, "lock": False}),
        # What somebody else disabled stays so.
        (ANNA, LOCKS, {"state": "disabled"}, {"give": {1, 2}}),
        # Who has something always can log in for it.
        (ALWAYS, LOCKS, {"observed": {4}}, {}),
        (ALWAYS, LOCKS, {**LOCKED, "observed": {4}}, {"lock": False}),
        # What is adopted counts: it may be all that somebody has always, or the end of that.
        (LAPSED, LOCKS, {"observed": {5}, "settled": NONE}, {"adopt_given": {5}}),
        (ALWAYS, LOCKS, {"settled": frozenset({4})}, {"adopt_taken": {4}, "lock": True}),
        # Unlocked by hand.
        (LAPSED, LOCKS, {"locked_by_us": True}, {}),
        (LAPSED, structs.replace(LOCKS, hand_edits="revert"), {"locked_by_us": True}, {"lock": True}),
    ],
)
def test_locks(subscriber: Subscriber, policy: AccessPolicy, of_account: dict[str, Any], todo: dict[str, Any]) -> None:
    values: dict[str, Any] = {"kind": "jellyfin", "role": "user"} | of_account
    values["observed"] = frozenset(values.get("observed", ()))
    assert done(decided(subscriber, policy, **values)) == todo


@pytest.mark.parametrize(
    ("subscriber", "of_account", "is_unsettled"),
    [
        (ANNA, {"observed": {1, 2}}, True),
        (ANNA, {"observed": {1, 2}, "settled": {1}}, True),
        (ANNA, {"observed": {1, 2}, "settled": {1, 2}}, False),
        (ANNA, {"observed": {1, 2}, "settled": {1, 2, 9}}, True),  # 9 is gone: should it return, nobody took it by hand
        (ANNA, {"observed": {1}}, False),
        (ANNA, {"observed": {1, 2}, "settled": {1, 2}, "locked_by_us": True}, True),
        (ANNA, {"observed": {1, 2}, "state": "pending"}, False),
        (person(), {"state": "wanted"}, False),
        (person(managed=False), {}, False),
    ],
)
def test_what_is_as_it_should_be_is_to_be_written_down(
    subscriber: Subscriber, of_account: dict[str, Any], is_unsettled: bool
) -> None:
    sets = {name: frozenset(of_account[name]) for name in ("observed", "settled") if name in of_account}
    holding = account(subscriber, **(of_account | sets))
    expected = {holding.account_id: sets.get("observed", NONE)} if is_unsettled else {}
    assert unsettled(server((subscriber, holding))) == expected


LIBRARIES = st.frozensets(st.integers(1, 7))
SUBSCRIPTIONS = st.builds(
    lambda plan_id, subscription, spared: structs.replace(subscription, plan_id=plan_id, spared_for=spared),
    st.sampled_from([None, PLAN, OTHER_PLAN]),
    st.sampled_from([RUNS, ENDED]),
    st.sampled_from([None, YESTERDAY]),
)
PEOPLE = st.builds(
    person,
    managed=st.sampled_from([True, True, True, False]),
    suspended=st.sampled_from([False, False, True]),
    state=st.sampled_from(["active", "expired", "removed"]),
    subscription=st.none() | SUBSCRIPTIONS,
    rules=st.dictionaries(st.integers(1, 7), st.sampled_from(get_args(Effect))),
)
POLICIES = st.builds(AccessPolicy, hand_edits=st.sampled_from(get_args(HandEdits)), lock_on_jellyfin=st.booleans())


Scene = tuple[Holding, Subscriber, Servings, AccessPolicy]


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """An account, its person, its server and the settings, as wild as values can be."""
    subscriber = draw(PEOPLE)
    state = draw(st.sampled_from(["active", "active", "disabled", "pending", "removed", "wanted"]))
    found = state != "wanted"
    holding = account(
        subscriber,
        role=draw(st.sampled_from(["friend", "friend", "home", "managed", "user", "owner", "admin"])),
        state=state,
        observed=draw(LIBRARIES) if found else NONE,
        settled=draw(st.none() | LIBRARIES) if found else None,
        locked_by_us=draw(st.booleans()),
    )
    there = server(
        (subscriber, holding),
        kind=draw(st.sampled_from(["plex", "jellyfin"])),
        titles={number: f"Library {number}" for number in draw(LIBRARIES)},
        plans={PLAN: draw(LIBRARIES)},
    )
    return holding, subscriber, there, draw(POLICIES)


def carried_out(decision: Decision, holding: Holding) -> Holding:
    """The account after all was done that the decision says, as the ledger then writes it down."""
    has = (decision.before | decision.give) - decision.take
    changed = structs.replace(holding, observed=has, settled=has)
    if decision.invite:
        return structs.replace(changed, state="pending")
    if decision.lock is None:
        return changed
    return structs.replace(changed, state="disabled" if decision.lock else "active", locked_by_us=decision.lock)


def with_rules(subscriber: Subscriber, decision: Decision) -> Subscriber:
    return structs.replace(subscriber, rules={**subscriber.rules, **adoptions(decision, subscriber)})


@given(scenes())
def test_only_what_is_in_our_hands_is_decided_on(scene: Scene) -> None:
    holding, subscriber, there, policy = scene
    decision = decide(holding, subscriber, there, policy)
    assert list(reconcile(there, policy)) == ([decision] if decision else [])
    if decision is not None:
        assert subscriber.managed
        assert holding.role not in UNTOUCHABLE
        assert holding.state not in {"pending", "removed"}


@given(scenes())
def test_a_decision_makes_observed_what_is_intended(scene: Scene) -> None:
    holding, subscriber, there, policy = scene
    decision = decide(holding, subscriber, there, policy)
    if decision is None:
        return
    after, ruled = carried_out(decision, holding), with_rules(subscriber, decision)
    assert after.observed == decision.after == intended(ruled, there)
    assert decide(after, ruled, there, policy) is None


@given(scenes())
def test_no_decision_is_needed_only_where_all_is_as_intended(scene: Scene) -> None:
    holding, subscriber, there, _ = scene
    if in_our_hands(holding, subscriber) and holding.state != "wanted" and not decide(*scene):
        assert holding.observed & there.present == intended(subscriber, there)


@given(scenes())
def test_nothing_is_done_twice_or_to_a_library_that_is_not_there(scene: Scene) -> None:
    decision = decide(*scene)
    if decision is None:
        return
    parts = [decision.give, decision.take, decision.adopt_given, decision.adopt_taken]
    assert sum(map(len, parts)) == len(frozenset().union(*parts))
    assert frozenset().union(*parts, decision.before, decision.after) <= scene[2].present
    assert decision.take | decision.adopt_given <= decision.before
    assert not (decision.give | decision.adopt_taken) & decision.before
    assert any(parts) or decision.lock is not None


@given(scenes())
def test_a_hand_edit_is_kept_or_reverted_as_the_settings_say(scene: Scene) -> None:
    holding, subscriber, there, policy = scene
    decision = decide(holding, subscriber, there, policy)
    if decision is None:
        return
    by_hand = NONE if holding.settled is None else holding.observed ^ holding.settled
    if policy.hand_edits == "adopt":
        assert not (decision.give | decision.take) & by_hand
    else:
        assert not decision.adopt_given | decision.adopt_taken
        assert decision.after == intended(subscriber, there)


@given(scenes())
def test_what_is_settled_needs_no_decision_on_libraries(scene: Scene) -> None:
    holding, subscriber, there, _ = scene
    for has in unsettled(there).values():
        settled = structs.replace(holding, settled=has, locked_by_us=holding.locked_by_us and holding.locked)
        assert has == holding.observed & there.present == intended(subscriber, there)
        assert not unsettled(structs.replace(there, holdings=(settled,)))


@given(scenes(), st.integers(1, 8))
def test_the_reason_agrees_with_the_intention(scene: Scene, number: int) -> None:
    holding, subscriber, there, _ = scene
    code = why(subscriber, holding, number, there).code
    if code in LEFT_ALONE:
        assert number not in there.present or not in_our_hands(holding, subscriber)
    else:
        assert in_our_hands(holding, subscriber)
        assert (code in {"plan", "rule_allow", "rule_always"}) is (number in intended(subscriber, there))
        assert (code in {"ended", "suspended", "removed"}) <= (not entitled(subscriber))
