"""Hours at which a job may begin: what is written, and which moments they have."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from shared.timing.errors import BadSchedule
from shared.timing.quiet import Hours, Quiet, awaited, hours_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("01:00-06:00", Hours(time(1), time(6))),
        (" 22:30 - 05:15 ", Hours(time(22, 30), time(5, 15))),
        ("00:00-23:59", Hours(time(0), time(23, 59))),
        ("", None),
    ],
)
def test_hours_are_read(text: str, hours: Hours | None) -> None:
    assert hours_of(text) == hours


@pytest.mark.parametrize(
    "text", ["1-6", "24:00-06:00", "01:00", "01:60-02:00", "01:00-06:00-07:00", "nightly", "-", " "]
)
def test_what_is_no_hours_is_refused_with_how_to_write_them(text: str) -> None:
    with pytest.raises(BadSchedule, match="write 01:00-06:00, or nothing for any"):
        hours_of(text)


def test_hours_that_end_when_they_begin_are_refused() -> None:
    with pytest.raises(BadSchedule, match="they begin when they end"):
        hours_of("06:00-06:00")


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("01:00-06:00", ["01:00", "05:59"], ["00:59", "06:00", "12:00"]),
        ("22:00-05:30", ["22:00", "23:59", "00:00", "05:29"], ["05:30", "21:59"]),
    ],
)
def test_the_beginning_belongs_to_them_and_the_end_does_not(hours: str, inside: list[str], outside: list[str]) -> None:
    found = hours_of(hours)
    assert found is not None
    assert [moment for moment in (*inside, *outside) if found.has(time.fromisoformat(moment))] == inside


def test_they_are_hours_of_the_wall_clock() -> None:
    """In summer, 23:30 UTC is half past one in Berlin."""
    quiet = Quiet(hours="01:00-06:00")
    assert awaited(quiet, BERLIN, datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == ""
    assert awaited(quiet, BERLIN, datetime(2026, 1, 1, 23, 30, tzinfo=UTC)) == "its hours, 01:00-06:00"


def test_without_hours_any_will_do() -> None:
    assert awaited(Quiet(nobody_streaming=True), BERLIN, datetime(2026, 1, 1, 12, tzinfo=UTC)) == ""
