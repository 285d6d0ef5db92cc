"""What Shoko's answers mean, as its versions write them; and what it is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workers.clients import shoko_reading as reading
from services.workers.shokofin.userdata.terms import Stats
from shared.outside.errors import Malformed

AT = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
SECOND = 10_000_000


@pytest.mark.parametrize(
    ("span", "ticks"),
    [
        ("00:00:00", 0),
        ("00:12:34.5670000", (12 * 60 + 34) * SECOND + 5_670_000),
        ("00:00:00.5", SECOND // 2),
        ("1.02:03:04", ((26 * 60 + 3) * 60 + 4) * SECOND),
    ],
)
def test_time_spans_are_read(span: str, ticks: int) -> None:
    assert reading.ticks(span) == ticks


@given(st.integers(min_value=0, max_value=400 * 24 * 3600 * SECOND))
def test_a_time_span_says_what_was_meant(ticks: int) -> None:
    assert reading.ticks(reading.time_span(ticks)) == ticks


@pytest.mark.parametrize("span", ["", "12", "-00:00:01", "00:00", "00:00:00.12345678", "1 day"])
def test_what_is_no_time_span_is_not_taken_for_none(span: str) -> None:
    with pytest.raises(ValueError, match="no time span"):
        reading.ticks(span)


@pytest.mark.parametrize("position", ["ResumePosition", "ProgressPosition"])
def test_stats_are_read_under_either_name(position: str) -> None:
    answer = {position: "00:01:00", "WatchedCount": 2, "LastWatchedAt": None, "LastUpdatedAt": "2026-06-01T12:30:00Z"}
    assert reading.stats("Shoko", answer) == Stats(position_ticks=60 * SECOND, count=2, last_updated_at=AT)
    assert reading.position_field(answer) == position


def test_a_moment_without_a_zone_is_utc() -> None:
    answer = {"WatchedCount": 1, "LastWatchedAt": "2026-06-01T12:30:00", "LastUpdatedAt": "2026-06-01T14:30:00+02:00"}
    assert reading.stats("Shoko", answer) == Stats(count=1, last_watched_at=AT, last_updated_at=AT)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        {"WatchedCount": "2", "LastUpdatedAt": "2026-06-01T12:30:00Z"},
        {"ResumePosition": "soon", "LastUpdatedAt": "2026-06-01T12:30:00Z"},
    ],
)
def test_what_makes_no_sense_is_no_empty_history(answer: object) -> None:
    with pytest.raises(Malformed, match="Shoko"):
        reading.stats("Shoko", answer)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("4.2.2.0", "ResumePosition"),
        ("5.3.0.0", "ResumePosition"),
        ("6.0.0-dev.12", "ProgressPosition"),
        ("v10.1", "ProgressPosition"),
        ("", "ResumePosition"),
    ],
)
def test_the_name_of_the_position_is_known_by_the_version(version: str, name: str) -> None:
    assert reading.position_field_of(version) == name


@pytest.mark.parametrize("parent", [None, 0, 7])
def test_a_group_on_top_has_no_parent(parent: int | None) -> None:
    answer = {"IDs": {"ID": 7, "TopLevelGroup": 7, "MainSeries": 3, "ParentGroup": parent}, "Name": "Seven"}
    assert reading.group("Shoko", answer).parent_id is None
