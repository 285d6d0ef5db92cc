"""Who loses something in a run, when that is too much, and how long a failed account is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from shared.access.backoff import retry_after
from shared.access.limits import holders, losers, too_much
from shared.access.terms import AccessPolicy, Decision, Subscriber
from tests.support.subscribers import ENDED, NONE, RUNS, account, person, server

APPROVED = structs.replace(ENDED, end_approved=True)


def taking(subscriber: Subscriber, take: frozenset[int] = frozenset({1}), lock: bool | None = None) -> Decision:
    holding = account(subscriber)
    return Decision(
        account_id=holding.account_id,
        person_id=subscriber.id,
        before=frozenset({1}),
        after=frozenset({1, 2}) - take,
        give=frozenset({2}),
        take=take,
        lock=lock,
    )


def test_a_person_loses_once_however_many_accounts() -> None:
    anna, ben = person(1), person(2)
    people = {anna.id: anna, ben.id: ben}
    assert losers([taking(anna), taking(anna), taking(ben, NONE, lock=True)], people) == {anna.id}
    assert losers([], people) == frozenset()


@pytest.mark.parametrize(
    ("subscriber", "counts"),
    [
        (person(subscription=APPROVED), False),
        (person(subscription=ENDED), True),
        (person(subscription=structs.replace(APPROVED, spared_for=APPROVED.expires_on)), True),
        (person(subscription=structs.replace(RUNS, end_approved=True)), True),  # approved for an earlier last day
        (person(suspended=True), True),
    ],
)
def test_an_end_that_was_approved_needs_no_second_approval(subscriber: Subscriber, counts: bool) -> None:
    assert losers([taking(subscriber)], {subscriber.id: subscriber}) == ({subscriber.id} if counts else set())


def test_holders_are_those_who_have_something_anywhere() -> None:
    anna, ben, cleo = person(1), person(2), person(3)
    attic = server((anna, account(anna, observed=frozenset({1}))), (ben, account(ben)))
    cellar = server((anna, account(anna, observed=frozenset({2}))), (cleo, account(cleo, observed=frozenset({2}))))
    assert holders([attic, cellar]) == {anna.id, cleo.id}


@pytest.mark.parametrize(
    ("lost", "holding", "policy", "reason"),
    [
        (0, 0, AccessPolicy(), ""),
        (1, 1, AccessPolicy(), ""),  # one person never is too much for the share
        (1, 1, AccessPolicy(most_share=0), ""),
        (2, 10, AccessPolicy(), ""),
        (3, 10, AccessPolicy(), "3 of 10 people would lose access; more than 20 % needs approval"),
        (10, 1000, AccessPolicy(), ""),
        (11, 1000, AccessPolicy(), "11 people would lose access; more than 10 needs approval"),
        (1, 1000, AccessPolicy(most_people=0), "1 person would lose access; more than 0 needs approval"),
        (
            2,
            1000,
            AccessPolicy(most_share=0.001),
            "2 of 1000 people would lose access; more than 0.1 % needs approval",
        ),
        (29, 100, AccessPolicy(most_people=50, most_share=0.29), ""),
        (7, 100, AccessPolicy(most_share=0.07), ""),
        (2, 0, AccessPolicy(), "2 of 0 people would lose access; more than 20 % needs approval"),
        (5, 5, AccessPolicy(most_share=1), ""),
    ],
)
def test_the_limit_says_why(lost: int, holding: int, policy: AccessPolicy, reason: str) -> None:
    assert too_much(lost, holding, policy) == reason


@given(
    lost=st.integers(0, 300),
    fewer=st.integers(0, 300),
    holding=st.integers(0, 300),
    most_people=st.integers(0, 50),
    most_share=st.floats(0, 1),
)
def test_fewer_losers_are_never_more_of_a_loss(
    lost: int, fewer: int, holding: int, most_people: int, most_share: float
) -> None:
    policy = AccessPolicy(most_people=most_people, most_share=most_share)
    if not too_much(lost, holding, policy):
        assert not too_much(min(fewer, lost), holding, policy)


@pytest.mark.parametrize(
    ("tries", "minutes"), [(0, 5), (1, 10), (2, 20), (11, 110), (12, 120), (13, 120), (10**6, 120)]
)
def test_the_pause_grows_to_two_hours(tries: int, minutes: int) -> None:
    assert retry_after(tries) == timedelta(minutes=minutes)
