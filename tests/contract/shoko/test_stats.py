"""What the Shoko simulator keeps of who has watched what, and which bodies it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from tests.contract.shoko.clients import EVENING, MINUTES, NOW, Client
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_format import position_name, span
from tests.simulators.shoko_state import UserStats

pytestmark = pytest.mark.contract


async def test_stats_are_put_and_read_by_their_user(server: ShokoServer, ann: Client, admin: Client) -> None:
    status, reason = await ann.ask("/api/v3/File/7/UserStats")
    assert (status, "FileUserStats" in reason) == (404, True)
    name = position_name(server.state)
    body = {
        name: "00:12:00.5000000",
        "WatchedCount": 3,
        "LastWatchedAt": "2026-02-27T22:30:05.25+01:00",
        "LastUpdatedAt": "2026-02-27T21:30:05.2500000Z",
    }
    status, put = await ann.put(7, body)
    written = "2026-02-27T21:30:05.25" + ("" if server.state.version == "4.2" else "Z")
    assert status == 200
    assert put | {name: "00:12:00.5000000", "WatchedCount": 3} == put
    assert (put["LastWatchedAt"], put["LastUpdatedAt"]) == (written, written)
    assert await ann.ask("/api/v3/File/7/UserStats") == (200, put)
    assert server.state.stats_of("ann", 7) == UserStats(
        position=MINUTES, count=3, last_watched_at=EVENING, last_updated_at=EVENING
    )
    assert (await admin.ask("/api/v3/File/7/UserStats"))[0] == 404
    assert server.journal.count("stats.put", "ann/7") == 1


async def test_stats_go_away_with_nought_and_null(server: ShokoServer, ann: Client) -> None:
    server.state.watch("ann", 2, at=EVENING, position=MINUTES)
    name = position_name(server.state)
    body = {name: "00:00:00", "WatchedCount": 0, "LastWatchedAt": None, "LastUpdatedAt": "2026-02-28T08:00:00Z"}
    status, put = await ann.put(2, body)
    assert (status, put["LastWatchedAt"]) == (200, None)
    assert put[name] == ("00:00:00" if server.state.version == "6.0" else None)
    stats = server.state.stats_of("ann", 2)
    assert stats == UserStats(last_updated_at=datetime(2026, 2, 28, 8, tzinfo=UTC))


async def test_what_the_server_does_not_know_is_passed_over(server: ShokoServer, ann: Client) -> None:
    """The other name of a position among it, so that the position is lost."""
    other = "ResumePosition" if server.state.version == "6.0" else "ProgressPosition"
    body = {other: "00:12:00", "Mood": "good", "watchedcount": "2", "LastUpdatedAt": "2026-02-28T08:00:00Z"}
    assert (await ann.put(1, body))[0] == 200
    stats = server.state.stats_of("ann", 1)
    assert stats is not None
    assert (stats.position, stats.count) == (timedelta(), 2)


async def test_a_date_that_is_left_out(server: ShokoServer, ann: Client) -> None:
    assert (await ann.put(1, {"WatchedCount": 1}))[0] == 200
    stats = server.state.stats_of("ann", 1)
    assert stats is not None
    assert stats.last_updated_at == (NOW if server.state.version == "6.0" else datetime(1, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position", 720),
        ("position", "12 minutes"),
        ("position", "00:61:00"),
        ("WatchedCount", "many"),
        ("WatchedCount", None),
        ("WatchedCount", 1.5),
        ("LastWatchedAt", "yesterday"),
        ("LastWatchedAt", 1_700_000_000),
        ("LastUpdatedAt", None),
    ],
)
async def test_a_body_that_cannot_be_read_changes_nothing(
    server: ShokoServer, ann: Client, name: str, value: object
) -> None:
    before = server.state.watch("ann", 3, at=EVENING)
    member = position_name(server.state) if name == "position" else name
    status, problem = await ann.put(3, {member: value})
    assert (status, problem["status"], list(problem["errors"])) == (400, 400, [member])
    assert server.state.stats_of("ann", 3) == before
    assert not server.journal.changes


async def test_no_object_at_all(ann: Client) -> None:
    path = "/api/v3/File/3/UserStats"
    assert (await ann.put(3, [1]))[0] == 400
    assert (await ann.ask(path, method="PUT", data=b"{", headers={"Content-Type": "application/json"}))[0] == 400
    assert (await ann.ask(path, method="PUT", data=b"{}", headers={"Content-Type": "application/xml"}))[0] == 415
    assert (await ann.ask(path, method="PUT", data=b"", headers={"Content-Type": "application/json"}))[0] == 500


async def test_a_position_of_null(server: ShokoServer, ann: Client) -> None:
    server.state.watch("ann", 4, at=EVENING, watched=False, position=MINUTES)
    body = {position_name(server.state): None, "LastUpdatedAt": "2026-02-28T08:00:00Z"}
    assert (await ann.put(4, body))[0] == 200
    stats = server.state.stats_of("ann", 4)
    assert stats is not None
    assert stats.position == (MINUTES if server.state.version == "5.3" else timedelta())


async def test_from_6_on_what_is_nearly_over_is_watched(server: ShokoServer, ann: Client) -> None:
    body = {position_name(server.state): "00:23:50", "LastUpdatedAt": "2026-02-28T08:00:00Z"}
    assert (await ann.put(4, body))[0] == 200
    stats = server.state.stats_of("ann", 4)
    assert stats is not None
    if server.state.version == "6.0":
        assert (stats.position, stats.last_watched_at) == (timedelta(), NOW)
    else:
        assert (stats.position, stats.last_watched_at) == (timedelta(minutes=23, seconds=50), None)


async def test_user_data_is_the_same_from_6_on(server: ShokoServer, ann: Client) -> None:
    server.state.watch("ann", 4, at=EVENING)
    stats = await ann.ask("/api/v3/File/4/UserStats")
    data = await ann.ask("/api/v3/File/4/UserData")
    assert data == (stats if server.state.version == "6.0" else (404, ""))


async def test_anidb_is_told_of_what_changed_only(server: ShokoServer, http: aiohttp.ClientSession) -> None:
    server.state.add_user("carla", syncs_anidb=True)
    carla = Client(http, server, server.state.key_of("carla"))
    body = {"WatchedCount": 1, "LastWatchedAt": "2026-02-28T08:00:00Z", "LastUpdatedAt": "2026-02-28T08:00:00Z"}
    for _ in range(2):
        assert (await carla.put(1, body))[0] == 200
    assert (server.journal.count("stats.put"), server.journal.count("anidb.queued", "carla/1")) == (2, 1)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (timedelta(), "00:00:00"),
        (timedelta(hours=1, minutes=2, seconds=3), "01:02:03"),
        (timedelta(days=2, hours=3, milliseconds=7), "2.03:00:00.0070000"),
        (timedelta(microseconds=-1), "-00:00:00.0000010"),
    ],
)
def test_time_spans(value: timedelta, written: str) -> None:
    assert span(value) == written


async def test_a_time_span_of_days_is_read(server: ShokoServer, ann: Client) -> None:
    server.state.collection.add_file(90, series=1, duration=timedelta(days=9))
    for text, length in (
        ("2.03:00:00.0070000", timedelta(days=2, hours=3, milliseconds=7)),
        ("1", timedelta(days=1)),
        ("0:10", timedelta(minutes=10)),
    ):
        assert (await ann.put(90, {position_name(server.state): text}))[0] == 200
        stats = server.state.stats_of("ann", 90)
        assert stats is not None
        assert stats.position == length
