"""Intervals: their slots, their jitter, and how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.specs import Interval
from shared.timing.durations import DAY_MS, HOUR_MS, LONGEST_MS, MINUTE_MS, SECOND_MS, format_interval, parse_interval
from shared.timing.errors import BadInterval, BadSchedule
from shared.timing.slots import compile_schedule

MOMENTS = st.integers(-(10**13), 10**13)
INTERVALS = st.builds(Interval, every_ms=st.integers(1, LONGEST_MS), anchor_ms=MOMENTS)


@given(INTERVALS, MOMENTS)
def test_the_next_slot_is_the_first_one_after(schedule: Interval, moment: int) -> None:
    slot = compile_schedule(schedule, "job").next_after(moment)
    assert (slot - schedule.anchor_ms) % schedule.every_ms == 0
    assert slot - schedule.every_ms <= moment < slot


@given(INTERVALS, MOMENTS)
def test_the_latest_slot_is_the_last_one_not_after(schedule: Interval, moment: int) -> None:
    slot = compile_schedule(schedule, "job").latest_until(moment)
    assert (slot - schedule.anchor_ms) % schedule.every_ms == 0
    assert slot <= moment < slot + schedule.every_ms


@given(st.integers(1, 50), MOMENTS, MOMENTS, st.integers(0, 500), st.integers(0, 20))
def test_a_stretch_of_slots(every: int, anchor: int, after: int, length: int, limit: int) -> None:
    timetable = compile_schedule(Interval(every_ms=every, anchor_ms=anchor), "job")
    slots = [moment for moment in range(after + 1, after + length + 1) if (moment - anchor) % every == 0]
    assert timetable.count_between(after, after + length) == len(slots)
    assert timetable.between(after, after + length, limit) == slots[:limit]
    assert timetable.latest_between(after, after + length, limit) == slots[len(slots) - min(limit, len(slots)) :]


def test_no_slots_lie_between_a_moment_and_an_earlier_one() -> None:
    timetable = compile_schedule(Interval(every_ms=10), "job")
    assert timetable.count_between(100, 50) == 0
    assert timetable.between(100, 50, 10) == timetable.latest_between(100, 50, 10) == []


@given(st.integers(1, DAY_MS), st.data(), MOMENTS)
def test_jitter_delays_by_less_than_its_length_and_keeps_the_order(
    every: int, data: st.DataObject, moment: int
) -> None:
    jitter = data.draw(st.integers(0, every))
    timetable = compile_schedule(Interval(every_ms=every, jitter_ms=jitter), "job")
    slot = timetable.next_after(moment)
    assert slot <= timetable.due(slot) <= slot + max(0, jitter - 1)
    assert timetable.due(slot) < timetable.due(timetable.next_after(slot))


def test_jitter_spreads_evenly_and_is_the_same_wherever_it_is_computed() -> None:
    schedule = Interval(every_ms=MINUTE_MS, jitter_ms=10)
    here, there = compile_schedule(schedule, "job"), compile_schedule(schedule, "job")
    slots = range(0, 10_000 * MINUTE_MS, MINUTE_MS)
    delays = [here.due(slot) - slot for slot in slots]
    assert delays == [there.due(slot) - slot for slot in slots]
    assert all(800 < delays.count(delay) < 1200 for delay in range(10))
    assert delays != [compile_schedule(schedule, "another").due(slot) - slot for slot in slots]


def test_jitter_survives_an_upgrade_of_the_code() -> None:
    timetable = compile_schedule(Interval(every_ms=HOUR_MS, jitter_ms=HOUR_MS), "sync_plex")
    # blake2b of "1700000000000 sync_plex", 8 bytes, big-endian, modulo the hour: worked out apart.
    assert timetable.due(1_700_000_000_000) == 1_700_000_000_000 + 525_047


@pytest.mark.parametrize(
    ("schedule", "complaint"),
    [
        (Interval(every_ms=0), "0 ms is not an interval"),
        (Interval(every_ms=-5), "-5 ms is not an interval"),
        (Interval(every_ms=LONGEST_MS + 1), "1 ms to 366d"),
        (Interval(every_ms=1000, jitter_ms=-1), "jitter of -1 ms"),
        (Interval(every_ms=1000, jitter_ms=1001), "0 to the interval, 1s"),
    ],
)
def test_impossible_intervals_are_refused(schedule: Interval, complaint: str) -> None:
    with pytest.raises(BadSchedule, match=complaint):
        compile_schedule(schedule, "job")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("30s", 30 * SECOND_MS), ("5m", 5 * MINUTE_MS), ("1h", HOUR_MS), ("1d", DAY_MS), ("366d", LONGEST_MS)],
)
def test_intervals_are_read_and_written_alike(text: str, milliseconds: int) -> None:
    assert parse_interval(text) == milliseconds
    assert format_interval(milliseconds) == text


def test_an_interval_is_written_with_the_largest_unit_that_fits() -> None:
    assert [format_interval(ms) for ms in (90_000, 3_600_000, 172_800_000, 1_500)] == ["90s", "1h", "2d", "1500ms"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "m",
        "5 m",
        " 5m",
        "5m\n",
        "5 minutes",
        "5M",
        "1.5h",
        "-5m",
        "+5m",
        "1h30m",
        "5ms",
        "٥m",
        "5m5",
        "m" * 999,
    ],
)
def test_anything_else_is_no_interval_and_the_error_says_how_to_write_one(text: str) -> None:
    with pytest.raises(
        BadInterval, match=r"is not an interval: write a whole number and one unit, such as 30s, 5m"
    ) as e:
        parse_interval(text)
    assert len(str(e.value)) < 200


@pytest.mark.parametrize("text", ["0s", "0m", "000d"])
def test_a_job_can_not_run_every_nothing(text: str) -> None:
    with pytest.raises(BadInterval, match="the number must be 1 or more"):
        parse_interval(text)


@pytest.mark.parametrize("text", ["367d", "31622401s", "9" * 5000 + "s"])
def test_an_interval_has_an_upper_bound(text: str) -> None:
    with pytest.raises(BadInterval, match="is too long: the longest interval is 366d"):
        parse_interval(text)


def test_a_job_has_its_own_minimum() -> None:
    assert parse_interval("1m", minimum_ms=MINUTE_MS) == MINUTE_MS
    with pytest.raises(BadInterval, match="'59s' is too short: this job runs at most every 1m"):
        parse_interval("59s", minimum_ms=MINUTE_MS)


@given(st.text(max_size=12))
def test_reading_ends_in_an_interval_or_its_own_error(text: str) -> None:
    try:
        assert 1 <= parse_interval(text) <= LONGEST_MS
    except BadInterval as error:
        assert str(error)
