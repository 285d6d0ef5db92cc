"""The files, series and groups of the Shoko simulator, page by page, and what is not there."""

from __future__ import annotations

from datetime import date

import pytest

from tests.contract.shoko.clients import EVENING, MINUTES, Client
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_format import moment

pytestmark = pytest.mark.contract


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
