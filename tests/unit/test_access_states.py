"""Which state a person is in on which day, when access ends, and how far a renewal reaches."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.renewals import renewed
from shared.access.states import AccountState, days_left, ends, has_ended, state_of
from shared.access.terms import AccessPolicy, OnExpiry, PersonState, Subscription
from tests.support.subscribers import TODAY, YESTERDAY, person

POLICY = AccessPolicy()
STARTED = date(2024, 1, 1)
DAYS = st.dates(date(2000, 1, 1), date(2200, 1, 1))


def until(expires_on: date | None, **values: Any) -> Subscription:
    return Subscription(started_on=STARTED, expires_on=expires_on, **values)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (31, "active"), (30, "pre_expired"), (8, "pre_expired"), (7, "reminder"), (1, "reminder"),
        (0, "reminder"),  # the last day itself counts
        (-1, "expired"), (-400, "expired"),
    ],
)  # fmt: skip
def test_the_state_follows_the_days_left(days: int, state: PersonState) -> None:
    subscriber = person(subscription=until(TODAY + timedelta(days=days)))
    assert state_of(subscriber, ["active"], TODAY, POLICY) == state


@pytest.mark.parametrize(
    ("pre_expired", "reminder", "days", "state"),
    [
        (7, 7, 8, "active"), (7, 7, 7, "reminder"),  # with equal thresholds nobody is pre_expired
        (7, 0, 1, "pre_expired"), (7, 0, 0, "reminder"),
        (0, 0, 1, "active"), (0, 0, 0, "reminder"), (0, 0, -1, "expired"),
    ],
)  # fmt: skip
def test_thresholds_come_from_the_settings(pre_expired: int, reminder: int, days: int, state: PersonState) -> None:
    policy = AccessPolicy(pre_expired_days=pre_expired, reminder_days=reminder)
    subscriber = person(subscription=until(TODAY + timedelta(days=days)))
    assert state_of(subscriber, ["active"], TODAY, policy) == state


@pytest.mark.parametrize(
    ("accounts", "state"),
    [
        ([], "expired"),
        (["pending"], "invited"),
        (["wanted"], "invited"),
        (["pending", "removed", "wanted"], "invited"),
        (["pending", "active"], "expired"),
        (["pending", "disabled"], "expired"),
        (["removed"], "expired"),
    ],
)
def test_only_open_invitations_make_somebody_invited(accounts: list[AccountState], state: PersonState) -> None:
    assert state_of(person(subscription=until(YESTERDAY)), accounts, TODAY, POLICY) == state


def test_without_a_last_day_somebody_is_active() -> None:
    assert state_of(person(), ["active"], TODAY, POLICY) == "active"
    assert state_of(person(subscription=until(None)), [], TODAY, POLICY) == "active"


def test_removed_and_suspended_stand_above_all_else() -> None:
    lapsed = until(YESTERDAY)
    removed = person(state="removed", suspended=True, subscription=lapsed)
    assert state_of(removed, ["pending"], TODAY, POLICY) == "removed"
    assert state_of(person(suspended=True, subscription=lapsed), ["pending"], TODAY, POLICY) == "suspended"
    # What the state was before decides nothing else.
    assert state_of(person(state="suspended"), ["active"], TODAY, POLICY) == "active"


@pytest.mark.parametrize(
    ("mode", "days_over", "now"),
    [
        ("off", 1000, False), ("warn", 1000, False),
        ("disable", 0, False), ("disable", 1, True),
        ("warn_then_disable", 1, False), ("warn_then_disable", 3, False), ("warn_then_disable", 4, True),
    ],
)  # fmt: skip
def test_access_ends_after_its_last_day(mode: OnExpiry, days_over: int, now: bool) -> None:
    policy = AccessPolicy(on_expiry=mode, grace_days=3)
    assert ends(until(TODAY - timedelta(days=days_over)), TODAY, policy) is now


def test_no_days_of_grace_are_as_if_there_was_no_warning() -> None:
    policy = AccessPolicy(on_expiry="warn_then_disable", grace_days=0)
    assert [ends(until(day), TODAY, policy) for day in (TODAY, YESTERDAY)] == [False, True]


def test_grace_after_the_last_of_all_days_is_no_error() -> None:
    assert not ends(until(date.max), TODAY, AccessPolicy(on_expiry="warn_then_disable"))


def test_what_was_decided_for_one_last_day_is_void_for_another() -> None:
    earlier = YESTERDAY - timedelta(days=30)
    for decided in ("ended_for", "spared_for"):
        assert not ends(until(YESTERDAY, **{decided: YESTERDAY}), TODAY, POLICY)
        assert ends(until(YESTERDAY, **{decided: earlier}), TODAY, POLICY)
    assert has_ended(until(YESTERDAY, ended_for=YESTERDAY))
    assert has_ended(until(YESTERDAY, ended_for=YESTERDAY, spared_for=earlier))
    assert not has_ended(until(YESTERDAY, ended_for=earlier))
    assert not has_ended(until(YESTERDAY, ended_for=YESTERDAY, spared_for=YESTERDAY))


def test_for_life_never_ends() -> None:
    assert not ends(until(None), TODAY, POLICY)
    assert not has_ended(until(None))
    assert not has_ended(until(None, ended_for=YESTERDAY))


@pytest.mark.parametrize(
    ("expires_on", "today", "days", "last_day"),
    [
        (None, date(2026, 3, 2), 30, date(2026, 4, 1)),
        (date(2026, 1, 1), date(2026, 3, 2), 30, date(2026, 4, 1)),  # lapsed: the gap is not paid for
        (date(2026, 3, 1), date(2026, 3, 2), 30, date(2026, 4, 1)),
        (date(2026, 3, 2), date(2026, 3, 2), 30, date(2026, 4, 1)),
        (date(2026, 3, 3), date(2026, 3, 2), 30, date(2026, 4, 2)),
        (date(2028, 2, 28), date(2028, 2, 1), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 2, 1), 365, date(2029, 2, 28)),
        (date(2027, 12, 31), date(2027, 12, 1), 366, date(2028, 12, 31)),
        (date(2026, 3, 9), date(2026, 3, 2), 0, date(2026, 3, 9)),
    ],
)  # fmt: skip
def test_a_renewal_counts_from_the_last_day_or_from_today(
    expires_on: date | None, today: date, days: int, last_day: date
) -> None:
    assert renewed(expires_on, today, days) == last_day


@given(expires_on=st.none() | DAYS, today=DAYS, days=st.integers(1, 4000))
def test_a_renewal_gives_all_its_days_and_voids_the_end(expires_on: date | None, today: date, days: int) -> None:
    last_day = renewed(expires_on, today, days)
    assert days_left(last_day, today) >= days
    assert expires_on is None or (last_day - expires_on).days >= days
    assert not has_ended(until(last_day, **({"ended_for": expires_on} if expires_on else {})))


@given(expires_on=DAYS, today=DAYS)
def test_whose_access_ends_is_expired(expires_on: date, today: date) -> None:
    subscription = until(expires_on)
    expired = state_of(person(subscription=subscription), ["active"], today, POLICY) == "expired"
    assert ends(subscription, today, POLICY) is expired
