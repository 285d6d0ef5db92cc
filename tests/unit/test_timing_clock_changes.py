"""Calendars through the clock changes of every zone, held against an oracle that walks minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.specs import Calendar
from shared.timing.slots import Timetable, compile_schedule

ODD_ZONES = [
    "Australia/Lord_Howe",  # half an hour
    "Antarctica/Troll",  # two hours
    "Africa/Cairo",  # at midnight
    "Asia/Beirut",
    "America/Santiago",
    "America/Sao_Paulo",
    "Pacific/Apia",  # a whole day, in December 2011
    "Europe/Dublin",  # winter time is the exception
    "Africa/Casablanca",  # back for Ramadan
    "America/Recife",  # back after a week, in October 2000
    "Asia/Kathmandu",  # a quarter of an hour, in 1986
    "Europe/Berlin",
    "America/New_York",
]
MINUTE = timedelta(minutes=1)
STEP = timedelta(days=5)  # no zone changes its clock twice in so short a time
BEFORE = timedelta(hours=3)
EARLIEST = datetime(1975, 1, 1, tzinfo=UTC)
LATEST = datetime(2037, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fields:
    """A cron expression as sets, so that the oracle has nothing to parse; None is a star."""

    minutes: frozenset[int]
    hours: frozenset[int]
    dates: frozenset[int] | None = None
    weekdays: frozenset[int] | None = None

    def expression(self) -> str:
        fields = [self.minutes, self.hours, self.dates, None, self.weekdays]
        return " ".join("*" if field is None else ",".join(map(str, sorted(field))) for field in fields)

    def match(self, wall: datetime) -> bool:
        if wall.minute not in self.minutes or wall.hour not in self.hours:
            return False
        date = self.dates is None or wall.day in self.dates
        weekday = self.weekdays is None or wall.isoweekday() % 7 in self.weekdays
        either = self.dates is not None and self.weekdays is not None
        return date or weekday if either else date and weekday


def oracle(fields: Fields, walls: list[tuple[datetime, datetime]]) -> list[int]:
    """The slots in a walk through (moment, wall time), a minute a step; the first step is only where it starts."""
    slots = []
    reached = walls[0][1]
    for moment, wall in walls[1:]:
        if len(fields.hours) == 24:
            due = fields.match(wall)
        else:
            newly = range(1, max(0, (wall - reached) // MINUTE) + 1)
            due = any(fields.match(reached + step * MINUTE) for step in newly)
        reached = max(reached, wall)
        if due:
            slots.append(milliseconds(moment))
    return slots


def walk(zone: str, change: datetime, after: timedelta) -> list[tuple[datetime, datetime]]:
    clock = ZoneInfo(zone)
    moments = [change - BEFORE + step * MINUTE for step in range((BEFORE + after) // MINUTE)]
    return [(moment, moment.astimezone(clock).replace(tzinfo=None)) for moment in moments]


@cache
def clock_changes(zone: str) -> list[datetime]:
    """The moments at which the zone's clock changes, where moment and change are whole minutes."""
    clock = ZoneInfo(zone)
    changes = []
    moment, old = EARLIEST, offset(clock, EARLIEST)
    while moment < LATEST:
        moment += STEP
        if old != (old := offset(clock, moment)):
            changes.append(first_after(clock, moment - STEP, moment))
    return [c for c in changes if not c.second and not (offset(clock, c) - offset(clock, c - MINUTE)) % MINUTE]


def first_after(clock: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = offset(clock, before)
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if offset(clock, middle) == old else (before, middle)
    return after


def offset(clock: ZoneInfo, moment: datetime) -> timedelta:
    found = moment.astimezone(clock).utcoffset()
    assert found is not None
    return found


def milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def compiled(expression: str, zone: str) -> Timetable:
    return compile_schedule(Calendar(expression=expression, zone=zone), "job")


def forwards(timetable: Timetable, start: int, end: int) -> list[int]:
    return timetable.between(start, end, 10_000)


def backwards(timetable: Timetable, start: int, end: int) -> list[int]:
    return timetable.latest_between(start, end, 10_000)


def assert_agrees(fields: Fields, zone: str, walls: list[tuple[datetime, datetime]]) -> None:
    expected = oracle(fields, walls)
    start, end = milliseconds(walls[0][0]), milliseconds(walls[-1][0])
    timetable = compiled(fields.expression(), zone)
    told = f"{fields.expression()} in {zone} from {walls[0][0]}"
    assert forwards(timetable, start, end) == expected, told
    assert backwards(timetable, start, end) == expected, told
    assert timetable.count_between(start, end) == len(expected), told


def assert_agrees_from_within(fields: Fields, zone: str, walls: list[tuple[datetime, datetime]], minutes: int) -> None:
    """Asked out of the blue, so many minutes into the walk: in the middle of a time that repeats, perhaps."""
    moment = milliseconds(walls[minutes][0])
    timetable = compiled(fields.expression(), zone)
    told = f"{fields.expression()} in {zone} at {walls[minutes][0]}"
    for slot in [slot for slot in oracle(fields, walls) if slot > moment][:1]:
        assert timetable.next_after(moment) == slot, told
    for slot in [slot for slot in oracle(fields, walls) if slot <= moment][-1:]:
        assert timetable.latest_until(moment) == slot, told


EVERY_HOUR = frozenset(range(24))
SOME_MINUTES = st.frozensets(st.integers(0, 59), min_size=1, max_size=6)
FIELDS = st.builds(
    Fields,
    minutes=SOME_MINUTES | st.just(frozenset(range(0, 60, 10))),
    hours=st.frozensets(st.integers(0, 23), min_size=1) | st.just(EVERY_HOUR),
    dates=st.none() | st.frozensets(st.integers(1, 31), min_size=1),
    weekdays=st.none() | st.frozensets(st.integers(0, 6), min_size=1),
)


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(FIELDS, st.sampled_from(ODD_ZONES), st.data())
def test_any_expression_agrees_with_the_oracle_around_odd_clock_changes(
    fields: Fields, zone: str, data: st.DataObject
) -> None:
    walls = walk(zone, data.draw(st.sampled_from(clock_changes(zone))), timedelta(hours=30))
    assert_agrees(fields, zone, walls)
    assert_agrees_from_within(fields, zone, walls, data.draw(st.integers(0, 5 * 60)))


AROUND_THE_CLOCK = [
    Fields(frozenset({30}), frozenset(range(0, 24, 2))),
    Fields(frozenset({30}), frozenset(range(1, 24, 2))),
    Fields(frozenset({15}), EVERY_HOUR),
]


@pytest.mark.slow
def test_every_zone_agrees_with_the_oracle_around_its_last_clock_changes() -> None:
    walked = 0
    for zone in sorted(available_timezones()):
        changes = clock_changes(zone)
        for change in changes[-2:]:
            walls = walk(zone, change, timedelta(hours=6))
            walked += 1
            for fields in AROUND_THE_CLOCK:
                assert_agrees(fields, zone, walls)
    assert walked > 500


@settings(max_examples=100, deadline=None)
@given(FIELDS, st.sampled_from(ODD_ZONES), st.datetimes(datetime(1976, 1, 1), datetime(2036, 1, 1)))
def test_next_and_latest_are_each_others_inverse(fields: Fields, zone: str, around: datetime) -> None:
    timetable = compiled(fields.expression(), zone)
    moment = milliseconds(around.replace(tzinfo=UTC))
    slot = timetable.next_after(moment)
    assert slot > moment
    assert timetable.latest_until(slot) == slot
    assert timetable.latest_until(slot - 1) == timetable.latest_until(moment) <= moment
    assert timetable.next_after(slot - 1) == slot


@pytest.mark.parametrize(
    ("expression", "zone", "start", "local_slots"),
    [
        ("30 2 * * *", "Europe/Berlin", "2024-03-30T22:00Z", ["2024-03-31T03:00+02:00", "2024-04-01T02:30+02:00"]),
        ("30 2 * * *", "Europe/Berlin", "2024-10-26T22:00Z", ["2024-10-27T02:30+02:00", "2024-10-28T02:30+01:00"]),
        ("0,30 2,3 * * *", "Europe/Berlin", "2024-03-30T22:00Z", ["2024-03-31T03:00+02:00", "2024-03-31T03:30+02:00"]),
        ("30 */2 * * *", "Europe/Berlin", "2024-03-31T00:00Z", ["2024-03-31T03:00+02:00", "2024-03-31T04:30+02:00"]),
        ("0 0 * * *", "Africa/Cairo", "2024-04-25T12:00Z", ["2024-04-26T01:00+03:00", "2024-04-27T00:00+03:00"]),
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2024-10-05T12:00Z",
            ["2024-10-06T02:30+11:00", "2024-10-07T02:15+11:00"],
        ),
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2024-04-06T12:00Z",
            ["2024-04-07T01:45+11:00", "2024-04-08T01:45+10:30"],
        ),
        ("0 12 30 * *", "Pacific/Apia", "2011-12-29T12:00Z", ["2011-12-31T00:00+14:00", "2012-01-30T12:00+14:00"]),
        ("30 1 * * *", "Antarctica/Troll", "2024-03-30T12:00Z", ["2024-03-31T03:00+02:00", "2024-04-01T01:30+02:00"]),
        ("30 1 * * *", "Europe/Dublin", "2024-10-26T12:00Z", ["2024-10-27T01:30+01:00", "2024-10-28T01:30+00:00"]),
        ("0 * * * *", "Europe/Berlin", "2024-03-31T00:30Z", ["2024-03-31T03:00+02:00", "2024-03-31T04:00+02:00"]),
        ("0 * * * *", "Europe/Berlin", "2024-10-26T23:30Z", ["2024-10-27T02:00+02:00", "2024-10-27T02:00+01:00"]),
        ("30 * * * *", "Europe/Berlin", "2024-03-31T00:00Z", ["2024-03-31T01:30+01:00", "2024-03-31T03:30+02:00"]),
    ],
)
def test_well_known_clock_changes(expression: str, zone: str, start: str, local_slots: list[str]) -> None:
    timetable = compiled(expression, zone)
    first = timetable.next_after(milliseconds(datetime.fromisoformat(start)))
    second = timetable.next_after(first)
    assert [first, second] == [milliseconds(datetime.fromisoformat(slot)) for slot in local_slots]


def test_every_ten_minutes_stays_every_ten_minutes_through_a_whole_year() -> None:
    timetable = compiled("*/10 * * * *", "Europe/Berlin")
    start = milliseconds(datetime(2024, 1, 1, tzinfo=UTC))
    end = milliseconds(datetime(2025, 1, 1, tzinfo=UTC))
    assert timetable.between(start, end, 100_000) == list(range(start + 600_000, end + 1, 600_000))


def test_two_hours_that_repeat_are_one_slot_each_whenever_it_is_asked() -> None:
    """Antarctica/Troll goes back two hours; asked within the repeat, what came the first time stays past."""
    fields = Fields(frozenset({0, 30}), frozenset({1, 2, 3}))
    walls = walk("Antarctica/Troll", clock_changes("Antarctica/Troll")[-1], timedelta(hours=30))
    for minutes in range(0, 6 * 60, 15):
        assert_agrees_from_within(fields, "Antarctica/Troll", walls, minutes)
