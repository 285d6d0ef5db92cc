"""Schedules in words, and the next slots as people see them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.specs import Calendar, Interval, Schedule
from shared.timing.durations import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from shared.timing.errors import BadSchedule
from shared.timing.phrases import Days, Phrase, schedule_phrase
from shared.timing.slots import compile_schedule
from shared.timing.upcoming import Upcoming, upcoming
from shared.timing.words import in_words, raw_value


@pytest.mark.parametrize(
    ("milliseconds", "words", "raw"),
    [
        (30 * SECOND_MS, "Every 30 seconds", "30s"),
        (5 * MINUTE_MS, "Every 5 minutes", "5m"),
        (MINUTE_MS, "Every minute", "1m"),
        (HOUR_MS, "Every hour", "1h"),
        (6 * HOUR_MS, "Every 6 hours", "6h"),
        (DAY_MS, "Every day", "1d"),
        (90 * SECOND_MS, "Every 90 seconds", "90s"),
        (500, "Every 500 milliseconds", "500ms"),
    ],
)
def test_intervals_in_words(milliseconds: int, words: str, raw: str) -> None:
    schedule = Interval(every_ms=milliseconds)
    assert (in_words(schedule), raw_value(schedule)) == (words, raw)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("30 3 * * *", "Every day at 03:30"),
        ("@daily", "Every day at 00:00"),
        ("0 7,19 * * *", "Every day at 07:00 and 19:00"),
        ("*/15 2 * * *", "Every day at 02:00, 02:15, 02:30 and 02:45"),
        ("0 8 * * 1-5", "Weekdays at 08:00"),
        ("0 8 * * SAT,SUN", "Weekends at 08:00"),
        ("15 4 * * 1,4", "Every Monday and Thursday at 04:15"),
        ("15 4 * * 7", "Every Sunday at 04:15"),
        ("0 3 * * 0,1", "Every Monday and Sunday at 03:00"),
        ("0 0 1 * *", "On the 1st of every month at 00:00"),
        ("0 0 2,13,23 * *", "On the 2nd, 13th and 23rd of every month at 00:00"),
        ("0 0 L * *", "On the last day of every month at 00:00"),
        ("0 0 1,LW * *", "On the 1st and last weekday of every month at 00:00"),
        ("0 0 1 1,7 *", "On the 1st of January and July at 00:00"),
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("0 * * * *", "Every hour"),
        ("0,30 * * * 1", "Every 30 minutes on Mondays"),
        ("20 * * * *", "Every hour at minute 20"),
        ("5,35 * * * *", "Every hour at minutes 5 and 35"),
        ("0 */6 * * *", "Every 6 hours"),
        ("*/10 8-17 * * 1-5", "Every 10 minutes from 08:00 to 17:50 on weekdays"),
        ("0 9-17 * * 2,0", "Every hour from 09:00 to 17:00 on Tuesdays and Sundays"),
        ("*/20 6-9 1 * *", "Every 20 minutes from 06:00 to 09:40 on the 1st of every month"),
        # Date or weekday will do, and one of them names every day.
        ("0 0 1-31 * 1", "Every day at 00:00"),
        ("0 0 1 * 0-6", "Every day at 00:00"),
    ],
)
def test_calendars_in_words(expression: str, words: str) -> None:
    schedule = Calendar(expression=expression)
    assert (in_words(schedule), raw_value(schedule)) == (words, expression)


@pytest.mark.parametrize(
    "expression",
    [
        "5 4 */3 2-5 *",  # many dates
        "0 0 1 * 1",  # date or weekday
        "0 0 */15 * 1",  # date and weekday
        "0 0 * 6 *",  # every day of a month
        "0 0 * * MON#2",
        "0 0 * * 5L",
        "*/7 * * * *",  # not even round the hour
        "5-59/10 * * * *",
        "0 */5 * * *",  # not even round the day
        "7-52/5 3 * * *",
        "0 1,3,5,8,9 * * *",
        "0 0 1 1-5 *",
    ],
)
def test_what_is_too_tangled_stays_an_expression(expression: str) -> None:
    assert in_words(Calendar(expression=expression)) == f"Cron: {expression}"


def test_a_phrase_has_what_another_language_needs() -> None:
    assert schedule_phrase(Calendar(expression="15 4 * * 1,4")) == Phrase(
        "at", {"times": ["04:15"], "days": Days(weekdays=(1, 4))}
    )
    assert schedule_phrase(Interval(every_ms=5 * MINUTE_MS)) == Phrase(
        "every", {"count": 5, "unit": "m", "days": Days()}
    )


def test_a_wrong_expression_has_no_words() -> None:
    with pytest.raises(BadSchedule, match="its hour field '25'"):
        in_words(Calendar(expression="0 25 * * *"))


def seen(schedule: Schedule, zone: str, now: str, count: int = 2) -> list[tuple[str, str]]:
    slots = upcoming(compile_schedule(schedule, "job", zone), zone, datetime.fromisoformat(now), count)
    assert all(slot.slot == slot.local.astimezone(UTC) and slot.slot.tzinfo is UTC for slot in slots)
    return [(slot.local.strftime("%m-%d %H:%M %z"), slot.note) for slot in slots]


@pytest.mark.parametrize(
    ("expression", "zone", "now", "expected"),
    [
        (
            "30 2 * * *", "Europe/Berlin", "2024-03-30T12:00Z",
            [
                ("03-31 03:00 +0200", "clocks go forward: 02:30 does not exist that day, runs at 03:00"),
                ("04-01 02:30 +0200", ""),
            ],
        ),
        (
            "0,30 2 * * *", "Europe/Berlin", "2024-03-30T12:00Z",
            [
                ("03-31 03:00 +0200", "clocks go forward: 02:00 and 02:30 do not exist that day, runs once, at 03:00"),
                ("04-01 02:00 +0200", ""),
            ],
        ),
        (
            "*/5 2 * * *", "Europe/Berlin", "2024-03-30T12:00Z",
            [
                ("03-31 03:00 +0200", "clocks go forward: 02:00 to 02:55 do not exist that day, runs once, at 03:00"),
                ("04-01 02:00 +0200", ""),
            ],
        ),
        (
            "0 9 30 12 *", "Pacific/Apia", "2011-12-26T12:00Z",
            [
                (
                    "12-31 00:00 +1400",
                    "clocks go forward: 2011-12-30 09:00 does not exist that day, runs at 2011-12-31 00:00",
                ),
                ("12-30 09:00 +1400", ""),
            ],
        ),
        (
            "30 2 * * *", "Europe/Berlin", "2024-10-26T12:00Z",
            [
                ("10-27 02:30 +0200", "clocks go back: 02:30 happens twice, runs the first time"),
                ("10-28 02:30 +0100", ""),
            ],
        ),
        (
            "30 * * * *", "Europe/Berlin", "2024-10-27T00:00Z",
            [
                ("10-27 02:30 +0200", "clocks go back: 02:30 happens twice, runs both times"),
                ("10-27 02:30 +0100", "clocks go back: 02:30 happens twice, runs both times"),
            ],
        ),
        (
            "0 3 * * *", "Europe/Berlin", "2024-03-30T12:00Z",
            [("03-31 03:00 +0200", ""), ("04-01 03:00 +0200", "")],
        ),
    ],
)  # fmt: skip
def test_upcoming_slots_tell_of_clock_changes(
    expression: str, zone: str, now: str, expected: list[tuple[str, str]]
) -> None:
    assert seen(Calendar(expression=expression), zone, now) == expected


def test_clock_changes_leave_intervals_alone() -> None:
    assert seen(Interval(every_ms=HOUR_MS), "Europe/Berlin", "2024-03-31T00:30Z") == [
        ("03-31 03:00 +0200", ""),
        ("03-31 04:00 +0200", ""),
    ]


def test_upcoming_starts_strictly_after_now_whatever_its_zone() -> None:
    timetable = compile_schedule(Interval(every_ms=MINUTE_MS), "job")
    now = datetime(2024, 5, 1, 14, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    slot = datetime(2024, 5, 1, 5, 1, tzinfo=UTC)
    assert upcoming(timetable, "UTC", now, 1) == [Upcoming(slot=slot, local=slot)]
    assert upcoming(timetable, "UTC", now, 0) == []


def test_upcoming_refuses_an_unknown_zone() -> None:
    with pytest.raises(BadSchedule, match="is not a time zone"):
        upcoming(compile_schedule(Interval(every_ms=MINUTE_MS), "job"), "Mars/Olympus", datetime.now(UTC), 1)
