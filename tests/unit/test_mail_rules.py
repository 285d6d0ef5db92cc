"""What a mail server's answers mean, when a letter is tried again, and how much mail a day may have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workers.clients import postman_rules as rules
from services.workers.clients.postman_rules import Pace, Tally
from shared.outside.mail.answers import answer

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        ("sender", 250, "2.1.0 OK", "taken"),
        ("recipient", 251, "User not local; will forward", "taken"),
        ("content", 250, "OK", "taken"),
        ("recipient", 550, "5.1.1 No such user", "refused"),
        ("recipient", 550, "no enhanced code", "refused"),
        ("content", 554, "5.7.1 Spam", "refused"),
        ("recipient", 450, "4.2.0 Greylisted", "deferred"),
        ("recipient", 452, "4.2.2 Mailbox full", "deferred"),
        ("content", 451, "4.3.0 Later", "deferred"),
        ("recipient", 421, "4.3.2 Closing", "deferred"),
        ("sender", 550, "5.7.60 Not allowed to send as this sender", "unusable"),
        ("sender", 451, "4.3.0 Later", "unusable"),
        ("recipient", 530, "5.7.0 Authentication required", "unusable"),
        ("content", 550, "5.4.5 Daily sending quota exceeded", "unusable"),
        ("recipient", 550, "5.1.8 Access denied, bad outbound sender", "unusable"),
    ],
)
def test_what_an_answer_means(stage: Any, code: int, text: str, expected: str) -> None:
    assert rules.verdict(stage, answer(code, text)) == expected


def test_an_answer_is_one_printable_line_of_bounded_length() -> None:
    said = answer(550, "5.1.1 No\nsuch\x1b[31m user \udce9" + "x" * 1000)
    assert str(said).startswith("550 5.1.1 No such [31m user") and str(said).isprintable()
    assert len(said.text) == 500
    assert said.enhanced == "5.1.1"
    assert answer(550, "5.1 no").enhanced == ""


def test_a_letter_is_tried_ten_times_and_ever_more_rarely() -> None:
    pauses = [rules.next_try(tries) for tries in range(1, 11)]
    assert pauses == [timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), *[timedelta(days=1)] * 6, None]


def test_letters_of_a_minute_are_spread_evenly() -> None:
    assert rules.gap(Pace()) == 0
    assert rules.gap(Pace(a_minute=30)) == 2.0


def test_a_day_is_the_last_24_hours_whatever_the_calendar_says() -> None:
    pace, tally = Pace(a_day=3), Tally()
    for hours in (0, 0, 5):
        assert rules.full_until(pace, tally, NOON) is None
        tally = rules.counted(tally, NOON + timedelta(hours=hours))
    later = NOON + timedelta(hours=6)
    until = rules.full_until(pace, tally, later)
    # The hour that the first two were sent in began at 12:00; the last of them may have gone at 12:59.
    assert until == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert rules.full_until(pace, tally, until - timedelta(seconds=1)) == until
    assert rules.full_until(pace, tally, until) is None


def test_no_limit_is_never_reached_and_a_limit_of_nothing_always() -> None:
    tally = Tally(hours={int(NOON.timestamp() // 3600): 10**6})
    assert rules.full_until(Pace(), tally, NOON) is None
    assert rules.full_until(Pace(a_day=0), Tally(), NOON) == NOON + timedelta(hours=1)


@given(st.lists(st.integers(0, 5 * 24 * 60), min_size=1, max_size=80), st.integers(1, 20))
def test_no_24_hours_ever_have_more_than_a_day_may_have(minutes: list[int], a_day: int) -> None:
    pace, tally, sent = Pace(a_day=a_day), Tally(), []
    for minute in sorted(minutes):
        now = NOON + timedelta(minutes=minute)
        if rules.full_until(pace, tally, now) is None:
            tally = rules.counted(tally, now)
            sent.append(now)
    assert all(sum(start <= moment < start + timedelta(days=1) for moment in sent) <= a_day for start in sent)
    assert len(tally.hours) <= rules.HOURS_THAT_COUNT


@given(st.lists(st.integers(0, 3 * 24 * 60), min_size=1, max_size=80), st.integers(1, 10))
def test_when_there_is_room_again_is_neither_too_early_nor_in_the_past(minutes: list[int], a_day: int) -> None:
    pace, tally = Pace(a_day=a_day), Tally()
    for minute in sorted(minutes):
        now = NOON + timedelta(minutes=minute)
        until = rules.full_until(pace, tally, now)
        if until is None:
            tally = rules.counted(tally, now)
        else:
            assert now < until <= now + timedelta(hours=25)
            assert rules.full_until(pace, tally, until) is None
            assert rules.full_until(pace, tally, until - timedelta(seconds=1)) is not None


def test_two_who_counted_the_same_mail_know_no_less_together() -> None:
    found = rules.merged(Tally(hours={1: 5, 2: 3}), Tally(hours={2: 4, 3: 1}))
    assert found == Tally(hours={1: 5, 2: 4, 3: 1})
