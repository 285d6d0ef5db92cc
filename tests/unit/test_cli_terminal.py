"""Tables, times, bars and letters, as values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.terminal.bars import bar
from services.cli.terminal.letters import clean, cut, pad, width, wrapped
from services.cli.terminal.tables import Cell, Column, table
from services.cli.terminal.times import absolute, both, duration, relative

NOW = datetime(2030, 1, 31, 18, tzinfo=UTC)
COLUMNS = (Column("job", least=6), Column("state"), Column("why", least=4))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "now"), (1.5, "now"), (-3, "3s ago"), (59, "in 59s"), (240, "in 4m"), (-7200, "2h ago"), (200_000, "in 2d")],
)
def test_a_moment_is_told_from_now(seconds: float, said: str) -> None:
    assert relative(NOW + timedelta(seconds=seconds), NOW) == said


def test_no_moment_is_a_dash() -> None:
    assert (relative(None, NOW), absolute(None), both(None, NOW), duration(None)) == ("–", "–", "–", "–")


def test_two_units_where_there_is_room() -> None:
    assert both(NOW + timedelta(seconds=7190), NOW, UTC) == "2030-01-31 19:59:50 (in 1h 59m)"


def test_moments_are_told_in_the_zone_of_the_reader() -> None:
    assert absolute(NOW, timezone(timedelta(hours=2))) == "2030-01-31 20:00:00"


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [(7, "7 ms"), (2449, "2.4 s"), (59_000, "59 s"), (185_000, "3 min 5 s"), (90_061_000, "1 d 1 h")],
)
def test_durations(milliseconds: int, said: str) -> None:
    assert duration(milliseconds) == said


def test_what_would_command_a_terminal_is_taken_out() -> None:
    assert clean("\x1b]0;owned\x07 name\nnext\u202e") == "\ufffd]0;owned\ufffd name next\ufffd"


def test_wide_letters_count_twice() -> None:
    assert width("日本") == 4 and width("e\u0301") == 1
    assert cut("日本語", 5) == "日本…" and pad("日", 4) == "日  "


@given(st.text(max_size=40), st.integers(min_value=1, max_value=20))
def test_what_is_cut_fits(text: str, columns: int) -> None:
    assert width(cut(text, columns)) <= columns


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=60), st.integers(2, 20))
def test_what_is_wrapped_fits_and_loses_nothing(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole_where_they_can() -> None:
    assert wrapped("the quick brown fox", 10) == ["the quick", "brown fox"]


def test_a_table_is_as_wide_as_it_takes() -> None:
    assert table(COLUMNS, [("sync_plex", "idle", "a long reason")], None, colours=False) == [
        "JOB        STATE  WHY",
        "sync_plex  idle   a long reason",
    ]


def test_a_narrow_table_gives_way_on_the_right_first() -> None:
    assert table(COLUMNS, [("sync_plex", "idle", "a long reason")], 24, colours=False) == [
        "JOB        STATE  WHY",
        "sync_plex  idle   a lon…",
    ]
    assert table(COLUMNS, [("sync_plex", "idle", "a long reason")], 20, colours=False)[1] == "sync_p…  idle   a l…"


def test_colours_do_not_count_as_width() -> None:
    plain = table(COLUMNS, [("a", Cell("idle", "good"), "b")], 40, colours=False)
    painted = table(COLUMNS, [("a", Cell("idle", "good"), "b")], 40, colours=True)
    assert painted[1].replace("\x1b[32m", "").replace("\x1b[0m", "") == plain[1] and painted[1] != plain[1]


def test_a_bar() -> None:
    assert bar(0.5, "half-way", 79) == "█" * 12 + "░" * 12 + "  50%  half-way"
    assert bar(None, "", 79) == "running" and width(bar(7.0, "x" * 100, 40)) == 40
