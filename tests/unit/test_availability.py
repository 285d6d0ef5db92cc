"""How much of the time a server was up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.directory.availability import Spell, availability, first_moment
from shared.directory.observation import ServerState

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def spell(state: ServerState, since: datetime, until: datetime | None = None) -> Spell:
    return Spell(state=state, since=since, until=until)


def test_a_server_nobody_has_looked_at_is_not_known() -> None:
    found = availability([], NOW, 3, UTC)
    assert found.since == datetime(2026, 3, 1, tzinfo=UTC) and found.up_share is None
    assert [(day.day, day.up_share, day.known_share) for day in found.days] == [
        (date(2026, 3, number), None, 0.0) for number in (1, 2, 3)
    ]


def test_each_day_has_the_share_of_what_is_known_of_it() -> None:
    added = datetime(2026, 3, 1, 12, tzinfo=UTC)
    went, came = datetime(2026, 3, 2, 18, tzinfo=UTC), datetime(2026, 3, 3, 6, tzinfo=UTC)
    found = availability([spell("up", came), spell("down", went, came), spell("up", added, went)], NOW, 3, UTC)
    assert [(day.up_share, day.known_share) for day in found.days] == [(1.0, 0.5), (0.75, 1.0), (0.5, 1.0)]
    assert found.up_share == pytest.approx(36 / 48)


@pytest.mark.parametrize(
    ("state", "up", "known"), [("up", 1.0, 1.0), ("down", 0.0, 1.0), ("unauthorized", 0.0, 1.0), ("unknown", None, 0.0)]
)
def test_only_up_is_up_and_unknown_is_not_known(state: ServerState, up: float | None, known: float) -> None:
    (day,) = availability([spell(state, NOW - 48 * HOUR)], NOW, 1, UTC).days
    assert (day.up_share, day.known_share) == (up, known)


def test_time_without_a_spell_counts_neither_way() -> None:
    midnight = first_moment(NOW, 1, UTC)
    (day,) = availability([spell("up", midnight, midnight + 6 * HOUR)], NOW, 1, UTC).days
    assert (day.up_share, day.known_share) == (1.0, 0.5)


def test_a_day_of_23_hours_is_whole() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert now - first_moment(now, 1, berlin) == timedelta(0), "22:00 UTC is midnight there, and today is tomorrow"
    day_before = availability([spell("up", now - 23 * HOUR, now - 11.5 * HOUR)], now, 2, berlin).days[0]
    assert (day_before.up_share, day_before.known_share) == (1.0, 0.5)


states = st.sampled_from(["up", "down", "unknown", "unauthorized"])
lengths = st.lists(st.tuples(states, st.integers(0, 200)), max_size=30)


@given(lengths, st.integers(1, 60))
def test_shares_are_shares_and_days_make_up_the_whole(past: list[tuple[ServerState, int]], days: int) -> None:
    at, spells = NOW - timedelta(days=40), []
    for state, hours in past:
        spells.append(spell(state, at, at + hours * HOUR))
        at += hours * HOUR
    spells = [one for one in spells if one.until is not None and one.until <= NOW]
    found = availability(spells, NOW, days, UTC)
    assert len(found.days) == days and found.days[-1].day == NOW.date()
    for day in found.days:
        assert 0 <= day.known_share <= 1 and (day.up_share is None) == (day.known_share == 0)
        assert day.up_share is None or 0 <= day.up_share <= 1
    known = [day.known_share * (12 if day.day == NOW.date() else 24) for day in found.days]
    up = [(day.up_share or 0) * of_day for day, of_day in zip(found.days, known, strict=True)]
    assert (found.up_share is None) == (sum(known) == 0)
    assert found.up_share is None or found.up_share == pytest.approx(sum(up) / sum(known))
