"""Cron expressions and zones: what they match, and what is said when they are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.specs import Calendar
from shared.timing.errors import BadSchedule
from shared.timing.slots import Timetable, compile_schedule

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MS = timedelta(milliseconds=1)


def compiled(expression: str, zone: str = "") -> Timetable:
    return compile_schedule(Calendar(expression=expression, zone=zone), "job")


def next_slots(timetable: Timetable, after: str, count: int) -> list[str]:
    moment = (datetime.fromisoformat(after) - EPOCH) // ONE_MS
    found = []
    for _ in range(count):
        moment = timetable.next_after(moment)
        found.append((EPOCH + moment * ONE_MS).strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "slots"),
    [
        ("30 3 * * *", ["2024-02-27 03:30", "2024-02-28 03:30"]),
        ("@daily", ["2024-02-27 00:00", "2024-02-28 00:00"]),
        ("@Weekly", ["2024-03-03 00:00", "2024-03-10 00:00"]),
        ("0 0 29 2 *", ["2024-02-29 00:00", "2028-02-29 00:00"]),
        ("0 0 l * *", ["2024-02-29 00:00", "2024-03-31 00:00"]),
        ("0 9 * * mon#1", ["2024-03-04 09:00", "2024-04-01 09:00"]),
        ("0 9 * * 5L", ["2024-03-29 09:00", "2024-04-26 09:00"]),
        ("0 0 13 * 5", ["2024-03-01 00:00", "2024-03-08 00:00"]),
        ("0 0 */2 * 5", ["2024-03-01 00:00", "2024-03-15 00:00"]),
        ("59 23 31 12 7", ["2024-12-01 23:59", "2024-12-08 23:59"]),
        ("0 0 * 2 MON#5", ["2044-02-29 00:00", "2072-02-29 00:00"]),
    ],
)
def test_expressions_follow_the_crontab_page(expression: str, slots: list[str]) -> None:
    assert next_slots(compiled(expression), "2024-02-26T12:00Z", 2) == slots


def test_the_last_slot_is_found_years_back() -> None:
    timetable = compiled("0 0 29 2 *")
    today = (datetime(2026, 11, 21, tzinfo=UTC) - EPOCH) // ONE_MS
    assert timetable.latest_until(today) == (datetime(2024, 2, 29, tzinfo=UTC) - EPOCH) // ONE_MS


def test_a_calendar_without_a_zone_has_the_one_of_the_settings() -> None:
    calendar = Calendar(expression="0 12 * * *")
    slots = next_slots(compile_schedule(calendar, "job", "Asia/Kathmandu"), "2024-02-26T12:00Z", 1)
    assert slots == ["2024-02-27 06:15"]
    own = compile_schedule(Calendar(expression="0 12 * * *", zone="Asia/Tokyo"), "job", "Asia/Kathmandu")
    assert next_slots(own, "2024-02-26T12:00Z", 1) == ["2024-02-27 03:00"]


def test_a_moment_within_a_minute_is_no_slot() -> None:
    timetable = compiled("* * * * *")
    assert timetable.next_after(1_000) == timetable.next_after(0) == timetable.next_after(59_999) == 60_000
    assert timetable.latest_until(59_999) == 0


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("", r"write five fields \(minute, hour, day-of-month, month, day-of-week\), such as '30 3 \* \* \*'"),
        ("* * * *", "write five fields"),
        ("0 * * * * *", "write five fields"),
        ("@often", "or one of @yearly"),
        ("60 * * * *", "its minute field '60' is wrong; allowed are 0-59"),
        ("*/0 * * * *", r"its minute field '\*/0' is wrong"),
        ("0 24 * * *", "its hour field '24' is wrong; allowed are 0-23"),
        ("0 0 0 * *", "its day-of-month field '0' is wrong; allowed are 1-31, L"),
        ("0 0 32 * *", "its day-of-month field '32' is wrong"),
        ("0 0 * 13 *", "its month field '13' is wrong; allowed are 1-12 or JAN-DEC"),
        ("0 0 * * 5-1", "its day-of-week field '5-1' is wrong; allowed are 0-7 or SUN-SAT"),
        ("0 0 31 2,4 *", "never comes"),
        ("0 0 30,31 FEB *", "never comes"),
        ("0 0 */31 * 1#5", "never comes"),
        ("9" * 5000 + " 0 * * *", "is not a cron expression"),
    ],
)
def test_a_wrong_expression_is_refused_with_its_field_and_what_is_allowed(expression: str, complaint: str) -> None:
    with pytest.raises(BadSchedule, match=complaint) as refused:
        compiled(expression)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "Europe", "../../etc/passwd", "/etc/localtime", "\0", "é", "x" * 5000]
)
def test_a_wrong_zone_is_refused(zone: str) -> None:
    with pytest.raises(BadSchedule, match="is not a time zone: write an IANA name, such as") as refused:
        compiled("0 0 * * *", zone)
    assert len(str(refused.value)) < 200


def test_a_mistyped_zone_is_recognised() -> None:
    with pytest.raises(
        BadSchedule, match="'Europe/Berln' is not a time zone: write an IANA name, such as Europe/Berlin"
    ):
        compiled("0 0 * * *", "Europe/Berln")


def test_negative_jitter_is_refused() -> None:
    with pytest.raises(BadSchedule, match="jitter of -1 ms"):
        compile_schedule(Calendar(expression="0 0 * * *", jitter_ms=-1), "job")


CRON_LIKE = st.lists(st.text("0123456789*/,-#LWMONFEB@ ", max_size=8), min_size=5, max_size=5).map(" ".join)


@settings(max_examples=500, deadline=None)
@given(CRON_LIKE | st.text(max_size=20))
def test_any_text_is_an_expression_or_refused(expression: str) -> None:
    try:
        timetable = compiled(expression)
    except BadSchedule as error:
        assert str(error)
    else:
        assert timetable.latest_until(0) <= 0 < timetable.next_after(0)
