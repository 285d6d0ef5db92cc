"""The three directions of user data, case by case: what each side has, and what it is to have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from services.workers.shokofin.userdata.rules import NOTHING, Decision, date_of, decide, in_step, to_history, to_stats
from services.workers.shokofin.userdata.terms import Direction, History, Stats

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=30), NOW - timedelta(days=1)
MS, SECOND = 10_000, timedelta(seconds=1)
MINUTE = 60_000 * MS

UNSEEN = History()
DATELESS = History(count=1, played=True)
CLEARED = Stats(last_updated_at=NEW)


def seen(at: datetime | None) -> History:
    return History(count=1, played=True, last_played_at=at)


def begun(at: datetime, ticks: int = MINUTE) -> History:
    return History(position_ticks=ticks, last_played_at=at)


def told(at: datetime) -> Stats:
    return Stats(count=1, last_watched_at=at, last_updated_at=at)


def resumed(at: datetime, ticks: int = MINUTE) -> Stats:
    return Stats(position_ticks=ticks, last_updated_at=at)


N = (None, None)
# local, remote, and for export, import and sync what (Jellyfin, Shoko) are to have.
CASES = {
    "both missing": (UNSEEN, None, N, N, N),
    "both empty": (UNSEEN, CLEARED, N, N, N),
    "Shoko missing": (seen(OLD), None, (None, told(OLD)), N, (None, told(OLD))),
    "Shoko missing, only a position": (begun(OLD), None, (None, resumed(OLD)), N, (None, resumed(OLD))),
    "Shoko missing, no date": (DATELESS, None, (None, told(NOW)), N, (seen(NOW), told(NOW))),
    "Jellyfin empty": (UNSEEN, told(OLD), N, (seen(OLD), None), (seen(OLD), None)),
    "equal": (seen(OLD), told(OLD), N, N, N),
    "equal positions": (begun(OLD), resumed(OLD), N, N, N),
    "Jellyfin newer": (seen(NEW), resumed(OLD), (None, told(NEW)), N, (None, told(NEW))),
    "Jellyfin older": (seen(OLD), resumed(NEW), N, (begun(NEW), None), (begun(NEW), None)),
    "Jellyfin has no date": (DATELESS, told(OLD), N, (seen(OLD), None), (seen(OLD), None)),
    "Shoko was cleared": (seen(OLD), CLEARED, N, N, N),
    "Shoko was cleared, no date": (DATELESS, CLEARED, N, N, N),
    "Shoko was cleared before": (seen(NOW), CLEARED, (None, told(NOW)), N, (None, told(NOW))),
    "a millisecond apart": (begun(OLD, MINUTE + MS), resumed(OLD), N, N, N),
    "two milliseconds apart, newer": (
        begun(NEW, MINUTE + 2 * MS), resumed(OLD), (None, resumed(NEW, MINUTE + 2 * MS)), N,
        (None, resumed(NEW, MINUTE + 2 * MS)),
    ),
    "below a millisecond is nothing": (History(position_ticks=MS - 1, last_played_at=OLD), None, N, N, N),
    "a second apart": (seen(OLD + SECOND), told(OLD), N, N, N),
    "two seconds apart": (
        seen(OLD + 2 * SECOND), told(OLD), (None, told(OLD + 2 * SECOND)), N, (None, told(OLD + 2 * SECOND)),
    ),
    "different, and neither newer": (seen(OLD), resumed(OLD), N, N, N),
    "watched twice since": (
        History(count=2, played=True, last_played_at=NEW),
        told(OLD),
        (None, Stats(count=2, last_watched_at=NEW, last_updated_at=NEW)),
        N,
        (None, Stats(count=2, last_watched_at=NEW, last_updated_at=NEW)),
    ),
    "Shoko was touched after the watching": (
        seen(OLD), Stats(count=1, last_watched_at=OLD, last_updated_at=NEW), N, N, N,
    ),
}  # fmt: skip
DIRECTIONS: tuple[Direction, ...] = ("export", "import", "sync")


@pytest.mark.parametrize(("local", "remote", "export", "imported", "sync"), CASES.values(), ids=CASES.keys())
def test_what_each_direction_writes(
    local: History,
    remote: Stats | None,
    export: tuple[History | None, Stats | None],
    imported: tuple[History | None, Stats | None],
    sync: tuple[History | None, Stats | None],
) -> None:
    for direction, expected in zip(DIRECTIONS, (export, imported, sync), strict=True):
        decision = decide(direction, local, remote, NOW)
        assert (decision.local, decision.remote) == expected, direction
        assert bool(decision.why) == (expected != N), "what is written is explained"


@pytest.mark.parametrize(
    ("stats", "date"),
    [
        (Stats(position_ticks=MINUTE, last_watched_at=OLD, last_updated_at=NEW), NEW),
        (Stats(count=1, last_watched_at=OLD, last_updated_at=NEW), OLD),
        (Stats(count=1, last_updated_at=NEW), NEW),
        (Stats(last_updated_at=NEW), None),
    ],
)
def test_the_date_that_jellyfin_is_told(stats: Stats, date: datetime | None) -> None:
    assert date_of(stats) == date and to_history(stats).last_played_at == date


moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))
ticks = st.sampled_from((0, MS - 1, MS, MINUTE, MINUTE + MS, 90 * MINUTE))
histories = st.builds(
    History,
    position_ticks=ticks,
    count=st.integers(0, 3),
    played=st.booleans(),
    last_played_at=st.none() | moments,
)
remotes = st.none() | st.builds(
    Stats, position_ticks=ticks, count=st.integers(0, 3), last_watched_at=st.none() | moments, last_updated_at=moments
)


def written(decision: Decision, local: History, remote: Stats | None) -> tuple[History, Stats | None]:
    return decision.local or local, decision.remote or remote


@given(histories, remotes, st.sampled_from(DIRECTIONS))
def test_there_is_nothing_to_do_the_second_time(local: History, remote: Stats | None, direction: Direction) -> None:
    after = written(decide(direction, local, remote, NOW), local, remote)
    assert decide(direction, *after, NOW + timedelta(hours=1)) == NOTHING


@given(histories, remotes)
def test_export_never_writes_jellyfin_and_import_never_writes_shoko(local: History, remote: Stats | None) -> None:
    assert decide("export", local, remote, NOW).local is None
    assert decide("import", local, remote, NOW).remote is None


@given(histories, remotes, st.sampled_from(DIRECTIONS))
def test_history_on_jellyfin_is_never_replaced_by_nothing(
    local: History, remote: Stats | None, direction: Direction
) -> None:
    after = decide(direction, local, remote, NOW).local
    assert local.empty or after is None or not after.empty


@given(histories.filter(lambda history: history.last_played_at is not None))
def test_what_goes_to_shoko_comes_back_the_same(local: History) -> None:
    stats = to_stats(local, NOW)
    assert in_step(local, stats)
    assert in_step(to_history(stats), stats)
    assert structs.replace(to_history(stats), last_played_at=None).played == local.played
