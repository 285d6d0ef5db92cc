"""The Shoko simulator: what each version answers and takes, whom it lets in, and how it says no."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.contract.test_simulators_specs import Schema, faults_of
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_collection import MOST_NESTED, Collection, follow, series_of, stock
from tests.simulators.shoko_format import full_version, moment, position_name, span
from tests.simulators.shoko_state import UserStats, shoko_state

pytestmark = pytest.mark.contract
VERSIONS = ("4.2", "5.3", "6.0")
NOW = datetime(2026, 3, 1, 20, 15, tzinfo=UTC)
EVENING = datetime(2026, 2, 27, 21, 30, 5, 250_000, tzinfo=UTC)
MINUTES = timedelta(minutes=12, milliseconds=500)


def shoko(version: str) -> ShokoServer:
    """Twelve files of three series, in groups 1001 to 1003 below group 500; two users beside the administrator."""
    state = shoko_state(version=version, users=("ann", "bob"), now=lambda: NOW)
    stock(state.collection, series=3, files=12, nested=True)
    return ShokoServer(state)


@pytest.fixture(params=VERSIONS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ShokoServer]:
    async with shoko(request.param) as running:
        yield running


class Client:
    """Asks one server with one key."""

    def __init__(self, http: aiohttp.ClientSession, server: ShokoServer, key: str) -> None:
        self._http, self._server, self._headers = http, server, {"apikey": key} if key else {}

    async def ask(self, path: str, *, method: str = "GET", **options: Any) -> tuple[int, Any]:
        async with self._http.request(
            method, self._server.url + path, headers=self._headers | options.pop("headers", {}), **options
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if "json" in answer.content_type and text else text

    async def put(self, file: int, body: object) -> tuple[int, Any]:
        return await self.ask(f"/api/v3/File/{file}/UserStats", method="PUT", json=body)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session


@pytest.fixture
def ann(http: aiohttp.ClientSession, server: ShokoServer) -> Client:
    return Client(http, server, server.state.key_of("ann"))


@pytest.fixture
def admin(http: aiohttp.ClientSession, server: ShokoServer) -> Client:
    return Client(http, server, server.state.admin_key)


@pytest.fixture
def nobody(http: aiohttp.ClientSession, server: ShokoServer) -> Client:
    return Client(http, server, "")


async def test_what_needs_no_key(server: ShokoServer, nobody: Client) -> None:
    status, found = await nobody.ask("/api/v3/Init/Version")
    assert (status, found["Server"]["Version"]) == (200, full_version(server.state.version))
    assert found["Server"]["ReleaseChannel"] == "Stable"
    assert ("Commons" in found) == (server.state.version == "4.2")
    status, found = await nobody.ask("/api/v3/init/status")
    assert (status, found["State"]) == (200, 2)
    assert found["Uptime"] == (None if server.state.version == "6.0" else "00:00:00")


def test_versions_in_full() -> None:
    assert [full_version(version) for version in (*VERSIONS, "6.0.1-dev.7")] == [
        "4.2.0.0",
        "5.3.0.0",
        "6.0.0",
        "6.0.1-dev.7",
    ]


async def test_a_key_is_had_by_name_and_password(server: ShokoServer, nobody: Client, http: Any) -> None:
    login = {"user": " Ann", "pass": "pw-ann", "device": "living room"}
    status, found = await nobody.ask("/api/auth", method="POST", json=login)
    assert (status, list(found)) == (200, ["apikey"])
    assert await nobody.ask("/api/auth", method="POST", json=login) == (200, found)
    other = await nobody.ask("/api/auth", method="POST", json=login | {"device": "kitchen"})
    assert other != (200, found)
    status, user = await Client(http, server, found["apikey"]).ask("/api/v3/User/Current")
    assert (status, user["Username"], user["IsAdmin"]) == (200, "ann", False)


@pytest.mark.parametrize(
    ("change", "expected", "named"),
    [
        ({"pass": "pw-bob"}, 401, "Unauthorized"),
        ({"user": "carla"}, 401, "Unauthorized"),
        ({"device": ""}, 400, "device"),
        ({"pass": None}, 400, "pass"),
        ({"user": 7}, 400, "user"),
    ],
)
async def test_a_login_that_is_refused(nobody: Client, change: dict[str, object], expected: int, named: str) -> None:
    login: dict[str, object] = {"user": "ann", "pass": "pw-ann", "device": "x"}
    status, problem = await nobody.ask("/api/auth", method="POST", json=login | change)
    assert (status, problem["status"]) == (expected, expected)
    assert named in (problem["title"], *problem.get("errors", ()))


async def test_only_a_key_that_is_valid_opens(server: ShokoServer, ann: Client, nobody: Client, http: Any) -> None:
    key = server.state.key_of("ann")
    assert (await ann.ask("/api/v3/User/Current"))[0] == 200
    assert (await nobody.ask(f"/api/v3/User/Current?apikey={key}"))[0] == 200
    assert await nobody.ask("/api/v3/User/Current") == (401, "")
    assert (await Client(http, server, "f" * 32).ask("/api/v3/File/1"))[0] == 401
    server.state.revoke(key)
    assert (await ann.ask("/api/v3/File/1/UserStats"))[0] == 401
    assert (await ann.put(1, {}))[0] == 401
    assert server.state.key_of("ann") != key


async def test_users_are_for_administrators(admin: Client, ann: Client) -> None:
    status, users = await admin.ask("/api/v3/User")
    assert (status, [user["Username"] for user in users]) == (200, ["admin", "ann", "bob"])
    assert [user["IsAdmin"] for user in users] == [True, False, False]
    assert await ann.ask("/api/v3/User") == (403, "")


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


@pytest.mark.parametrize("path", ["File/99", "File/99/UserStats", "Series/99", "Series/99/Group", "Group/99/Group"])
async def test_what_is_not_there(ann: Client, path: str) -> None:
    status, reason = await ann.ask(f"/api/v3/{path}")
    assert (status, reason.startswith("No ")) == (404, True)
    asked = await ann.ask(f"/api/v3/{path}", headers={"Accept": "application/json"})
    assert asked == (404, reason)


async def test_what_is_no_number(server: ShokoServer, ann: Client) -> None:
    assert (await ann.ask("/api/v3/File/seven"))[0] == 400
    assert (await ann.ask("/api/v3/Group/99999999999"))[0] == 400
    assert (await ann.ask("/api/v3/Series/0"))[0] == (404 if server.state.version == "4.2" else 400)


async def test_an_unknown_route(server: ShokoServer, admin: Client) -> None:
    assert await admin.ask("/api/v3/Fileservice") == (404, "")
    assert await admin.ask("/api/v3/File/1", method="POST") == (404, "")
    assert server.requests.unknown == {"GET /api/v3/Fileservice": 1, "POST /api/v3/File/1": 1}


async def test_a_file_shows_its_viewer_what_is_theirs(server: ShokoServer, ann: Client, admin: Client) -> None:
    server.state.watch("ann", 5, at=EVENING, position=MINUTES)
    _, file = await ann.ask("/api/v3/File/5")
    assert (file["ID"], file["Duration"], file["ResumePosition"]) == (5, "00:24:00", "00:12:00.5000000")
    assert file["Watched"] == moment(EVENING, zoned=server.state.version != "4.2")
    assert "SeriesIDs" not in file
    query = "includeXRefs=true" if server.state.version == "4.2" else "include=XRefs"
    _, other = await admin.ask(f"/api/v3/File/5?{query}")
    assert (other["ResumePosition"], other["Watched"], other["Viewed"]) == (None, None, None)
    (reference,) = other["SeriesIDs"]
    assert reference["SeriesID"]["ID"] == 2
    assert [episode["ID"] for episode in reference["EpisodeIDs"]] == [5]


async def test_the_tree_of_groups(server: ShokoServer, ann: Client) -> None:
    _, series = await ann.ask("/api/v3/Series/2")
    assert (series["IDs"]["ID"], series["IDs"]["ParentGroup"], series["IDs"]["TopLevelGroup"]) == (2, 1002, 500)
    assert series["Size"] == series["Sizes"]["Local"]["Episodes"] == 4
    _, group = await ann.ask("/api/v3/Series/2/Group")
    assert (group["IDs"]["ID"], group["IDs"]["ParentGroup"], group["IDs"]["MainSeries"]) == (1002, 500, 2)
    assert await ann.ask("/api/v3/Group/1002") == (200, group)
    _, top = await ann.ask("/api/v3/Series/2/Group?topLevel=true")
    assert (top["IDs"]["ID"], top["IDs"]["ParentGroup"], top["IDs"]["MainSeries"]) == (500, None, 1)
    assert (top["Size"], top["Sizes"]["SubGroups"]) == (0, 3)


async def test_what_is_in_a_group(server: ShokoServer, ann: Client) -> None:
    collection = server.state.collection
    for file in range(5, 9):
        collection.remove_file(file)
    collection.add_group(600, name="Nothing yet", parent=500)

    async def ids(path: str) -> set[int]:
        status, found = await ann.ask(f"/api/v3/{path}")
        assert status == 200
        return {entry["IDs"]["ID"] for entry in found}

    assert await ids("Group/500/Group?includeEmpty=true") == {600, 1001, 1002, 1003}
    assert await ids("Filter/0/Group/500/Group?includeEmpty=false") == {1001, 1003}
    assert await ids("Filter/0/Group/500/Series?recursive=true&includeMissing=true") == {1, 2, 3}
    assert await ids("Filter/0/Group/500/Series?recursive=true&includeMissing=False") == {1, 3}
    assert await ids("Filter/0/Group/500/Series?includeMissing=true") == set()
    assert await ids("Group/1002/Series") == ({2} if server.state.version == "6.0" else set())
    collection.move_series(3, 1001)
    collection.move_series(3, 1001)
    assert await ids("Filter/0/Group/1001/Series?includeMissing=true") == {1, 3}
    assert (await ann.ask("/api/v3/Filter/4/Group/500/Series"))[0] == 404
    assert (await ann.ask("/api/v3/Filter/0/Group/77/Series"))[0] == 404
    assert (await ann.ask("/api/v3/Filter/0/Group/500/Series?recursive=1"))[0] == 400


async def test_the_series_of_a_group_are_told_in_the_order_they_aired(server: ShokoServer, ann: Client) -> None:
    server.state.collection.add_series(40, group=1001, name="The first of all", aired=date(1963, 1, 1))
    _, found = await ann.ask("/api/v3/Filter/0/Group/500/Series?recursive=true&includeMissing=true")
    assert [series["IDs"]["ID"] for series in found] == [40, 1, 2, 3]
    _, group = await ann.ask("/api/v3/Group/500")
    assert group["IDs"]["MainSeries"] == 40


async def test_pages(server: ShokoServer, ann: Client) -> None:
    seen: list[int] = []
    for page in (1, 2, 3):
        _, found = await ann.ask(f"/api/v3/Series?pageSize=2&page={page}")
        assert found["Total"] == 3
        seen += [series["IDs"]["ID"] for series in found["List"]]
    assert sorted(seen) == [1, 2, 3]
    assert len((await ann.ask("/api/v3/Series?pageSize=0"))[1]["List"]) == 3
    for query in ("pageSize=101", "pageSize=-1", "page=0", "page=one"):
        assert (await ann.ask(f"/api/v3/Series?{query}"))[0] == 400
    _, top = await ann.ask("/api/v3/Group")
    assert [group["IDs"]["ID"] for group in top["List"]] == [500]
    assert (await ann.ask("/api/v3/Group?topLevelOnly=false"))[1]["Total"] == 4


async def test_one_file_fails(server: ShokoServer, ann: Client) -> None:
    server.faults.answer("/api/v3/File/7/UserStats", 500)
    assert (await ann.put(7, {"WatchedCount": 1}))[0] == 500
    assert (await ann.put(8, {"WatchedCount": 1}))[0] == 200
    assert (server.state.stats_of("ann", 7), server.journal.count()) == (None, 1)


async def test_one_key_fails(server: ShokoServer, ann: Client, admin: Client) -> None:
    server.state.failing[server.state.key_of("ann")] = 503
    assert await ann.ask("/api/v3/File/1") == (503, "")
    assert (await ann.put(1, {}))[0] == 503
    assert (await admin.ask("/api/v3/File/1"))[0] == 200
    server.state.failing.clear()
    assert (await ann.ask("/api/v3/File/1"))[0] == 200
    assert not server.state.stats


async def test_a_put_whose_answer_is_lost_is_made(server: ShokoServer, ann: Client) -> None:
    server.faults.truncate("/api/v3/File/7/UserStats", method="PUT", times=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await ann.put(7, {"WatchedCount": 1})
    assert server.state.stats_of("ann", 7) is not None


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


def test_a_big_stock_is_made_quickly() -> None:
    names = [f"user {number}" for number in range(10)]
    state = shoko_state(users=names)
    started = time.process_time()
    stock(state.collection, series=4_000, files=50_000, nested=True)
    state.watch_all(names, at=EVENING)
    assert time.process_time() - started < 2
    assert (len(state.collection.files), len(state.stats)) == (50_000, 500_000)
    assert {len(files) for files in state.collection.local.values()} == {12, 13}
    assert state.collection.files[50_000].episodes == (50_000,)
    assert state.collection.series[4_000].group == 5_000
    assert state.collection.top(5_000).id == 900


def test_a_stock_is_shared_out_evenly_and_in_order() -> None:
    assert [series_of(file, series=3, files=7) for file in range(1, 8)] == [1, 1, 1, 2, 2, 3, 3]
    with pytest.raises(ValueError, match="nested"):
        stock(Collection(), series=MOST_NESTED + 1, files=0, nested=True)


def test_files_that_only_jellyfin_names_can_be_added() -> None:
    collection = Collection()
    stock(collection, series=2, files=6)
    names = [{"Shoko File": str(file), "Shoko Episode": "2", "Shoko Series": "1"} for file in (2, 7)]
    follow(collection, names)
    assert (collection.files[7].episodes, collection.local[1]) == ((2,), {1, 2, 3, 7})
    assert len(collection.files) == 7


SPECS = os.environ.get("SHOWRUNNER_SPECS", "")


@pytest.mark.skipif(not SPECS, reason="SHOWRUNNER_SPECS does not name a folder with the API descriptions")
async def test_4_2_answers_as_it_is_described(http: aiohttp.ClientSession) -> None:
    """By shoko-v3-2023.json, the OpenAPI document of that time."""
    spec: Schema = json.loads((Path(SPECS) / "shoko-v3-2023.json").read_text())
    async with shoko("4.2") as server:
        server.state.watch("admin", 5, at=EVENING, position=MINUTES)
        client = Client(http, server, server.state.admin_key)
        for path, route in (
            ("/Init/Version", "/Init/Version"),
            ("/Init/Status", "/Init/Status"),
            ("/User", "/User"),
            ("/User/Current", "/User/Current"),
            ("/File/5?includeXRefs=true", "/File/{fileID}"),
            ("/File/5/UserStats", "/File/{fileID}/UserStats"),
            ("/Series", "/Series"),
            ("/Series/2", "/Series/{seriesID}"),
            ("/Series/2/Group", "/Series/{seriesID}/Group"),
            ("/Group", "/Group"),
            ("/Group/500", "/Group/{groupID}"),
            ("/Group/500/Group", "/Group/{groupID}/Group"),
            ("/Filter/0/Group/500/Series?recursive=true", "/Filter/{filterID}/Group/{groupID}/Series"),
        ):
            status, answer = await client.ask(f"/api/v3{path}")
            schema = spec["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            assert (status, list(faults_of(schema, answer, spec))) == (200, []), path
            assert answer, path
