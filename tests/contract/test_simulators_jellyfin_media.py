"""The Jellyfin simulator's real items: listing, reading, rewriting; what users have seen; versions; box sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from tests.simulators.household import make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_item import MediaItem
from tests.simulators.jellyfin_shoko import shoko_library
from tests.simulators.jellyfin_state import User, jellyfin_state

pytestmark = pytest.mark.contract
ALL = "/Items?recursive=true&includeItemTypes=Movie,Episode&fields=ProviderIds,Path,CustomRating,MediaSources"
NOBODY = "0" * 31 + "1"
EPISODES, DOUBLES = 60, 5


class House:
    """A Jellyfin server with a library of shows from Shoko, and somebody who asks it with its API key."""

    def __init__(self, server: JellyfinServer, http: aiohttp.ClientSession) -> None:
        self.server, self.state, self.media = server, server.state, server.state.media
        self._http = http
        self.shows = next(library for library in self.state.libraries.values() if library.kind == "show")
        self.episodes = shoko_library(self.state, self.shows.item_id, series=6, episodes=EPISODES, doubles=DOUBLES)
        self.pairs = [(self.episodes[int(late.provider_ids["Shoko Episode"]) - 1], late) for late in self.doubles]

    @property
    def doubles(self) -> list[MediaItem]:
        """The second files of episodes."""
        return self.episodes[EPISODES:]

    @property
    def admin(self) -> User:
        """Somebody who sees everything."""
        return self.state.administrator

    async def ask(self, method: str, path: str, *, token: str = "", json: object = None) -> tuple[int, Any]:
        """The status and content of an answer."""
        headers = {"Authorization": f'MediaBrowser Token="{token or self.state.api_key}"'}
        async with self._http.request(method, self.server.url + path, headers=headers, json=json) as answer:
            kind = answer.content_type
            return answer.status, await answer.json(content_type=None) if "json" in kind else await answer.text()

    async def items(self, path: str = ALL) -> list[dict[str, Any]]:
        """The items of a listing, which tells its total truly."""
        status, page = await self.ask("GET", path)
        assert status == 200
        if "limit=" not in path:
            assert page["TotalRecordCount"] == len(page["Items"])
        return list(page["Items"])


@pytest.fixture(params=["10.9.11", "10.11.11", "12.0.0"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    household = make_household()
    state = jellyfin_state(household, household.servers_of("jellyfin")[0].identifier)
    async with JellyfinServer(state, version=request.param) as server, aiohttp.ClientSession() as http:
        yield House(server, http)


def an_outsider(house: House) -> User:
    user = house.state.add_user("outsider", "pw")
    user.policy |= {"EnableAllFolders": False, "EnabledFolders": []}
    return user


async def test_real_items_stand_beside_counted_ones(house: House) -> None:
    inside = await house.items(f"{ALL}&parentId={house.shows.item_id}")
    assert [item["Id"] for item in inside] == [item.id for item in house.episodes]
    first = inside[0]
    assert first["ProviderIds"] == {"Shoko File": "1", "Shoko Episode": "1", "Shoko Series": "1"}
    assert first["Path"].startswith(house.shows.location)
    assert first["LocationType"] == "FileSystem"
    status, counts = await house.ask("GET", "/Items/Counts")
    counted = [library for library in house.state.libraries.values() if library is not house.shows]
    assert (status, counts["EpisodeCount"]) == (
        200,
        EPISODES + DOUBLES + sum(library.items.get("episode", 0) for library in counted),
    )
    assert len(await house.items()) == counts["EpisodeCount"] + counts["MovieCount"]


async def test_fields_are_given_when_they_are_asked_for(house: House) -> None:
    bare = (await house.items(f"/Items?recursive=true&parentId={house.shows.item_id}&limit=1"))[0]
    assert not {"ProviderIds", "Path", "MediaSources", "UserData", "DateCreated"} & set(bare)


async def test_pages_add_up(house: House) -> None:
    pages = [await house.items(f"{ALL}&startIndex={start}&limit=500") for start in range(0, 20_000, 500)]
    paged = [item["Id"] for page in pages for item in page]
    assert len(paged) == len(set(paged))
    assert paged == [item["Id"] for item in await house.items()]


async def test_folders_tell_what_is_in_them(house: House) -> None:
    shows = await house.items(f"/Items?parentId={house.shows.item_id}")
    assert {show["Type"] for show in shows} == {"Series"}
    inside = await house.items(f"/Items?recursive=true&parentId={shows[0]['Id']}&includeItemTypes=Episode")
    assert {item["SeriesId"] for item in inside} == {shows[0]["Id"]}
    seasons = await house.items(f"/Items?parentId={shows[0]['Id']}")
    assert [season["Type"] for season in seasons] == ["Season"]
    named = await house.items(f"/Items?ids={house.episodes[3].id},{house.episodes[1].id},{NOBODY}")
    assert {item["Id"] for item in named} == {house.episodes[1].id, house.episodes[3].id}


async def test_an_item_is_read_in_somebodys_name(house: House) -> None:
    item = house.episodes[0]
    status, found = await house.ask("GET", f"/Items/{item.id}?userId={house.admin.id}")
    assert (status, found["Id"], found["ProviderIds"]) == (200, item.id, item.provider_ids)
    outsider = an_outsider(house)
    for path, refused in (
        (f"/Items/{item.id}", 400),
        (f"/Items/{NOBODY}?userId={house.admin.id}", 404),
        (f"/Items/{item.id}?userId={outsider.id}", 404),
        (f"/Items/{item.id}?userId={NOBODY}", 404),
        (f"/Items/nonsense?userId={house.admin.id}", 400),
    ):
        assert (await house.ask("GET", path))[0] == refused, path


async def test_a_rewritten_item_has_only_what_was_sent(house: House) -> None:
    item = house.episodes[0]
    _, whole = await house.ask("GET", f"/Items/{item.id}?userId={house.admin.id}")
    changed = whole | {"ProviderIds": {"Shoko Episode": "7", "Tmdb": ""}, "CustomRating": "XXX", "Tags": ["seen"]}
    assert (await house.ask("POST", f"/Items/{item.id}", json=changed))[0] == 204
    _, after = await house.ask("GET", f"/Items/{item.id}?userId={house.admin.id}")
    assert after == whole | {"ProviderIds": {"Shoko Episode": "7"}, "CustomRating": "XXX", "Tags": ["seen"]}
    assert (await house.ask("POST", f"/Items/{item.id}", json={"ProviderIds": {}}))[0] == 204
    assert (item.name, item.custom_rating, item.provider_ids, item.details) == (None, None, {}, {})
    assert (await house.ask("POST", f"/Items/{item.id}", json={"Name": "no ids"}))[0] == 400
    token = house.state.log_in(an_outsider(house), "t")
    assert (await house.ask("POST", f"/Items/{item.id}", json=changed, token=token))[0] == 403


async def test_a_deleted_item_takes_all_with_it(house: House) -> None:
    show = house.media[house.episodes[0].series_id]
    house.media.user_data(house.admin.id, house.episodes[0].id).play_count = 3
    token = house.state.log_in(house.state.add_user("viewer", ""), "t")
    assert (await house.ask("DELETE", f"/Items/{show.id}", token=token))[0] == 401
    assert (await house.ask("DELETE", f"/Items/{show.id}"))[0] == 204
    assert (await house.ask("DELETE", f"/Items/{show.id}"))[0] == 404
    assert not [item for item in house.media if show.id in (item.id, item.series_id)]
    assert house.server.journal.count("item.deleted", show.id) == 1


async def test_a_file_that_moves_is_another_item(house: House) -> None:
    old = house.episodes[0]
    house.media.user_data(house.admin.id, old.id).played = True
    new = house.media.move(old.id, old.path.replace("Season", "Staffel"))
    assert (new.id != old.id, new.provider_ids) == (True, old.provider_ids)
    _, data = await house.ask("GET", f"/UserItems/{new.id}/UserData?userId={house.admin.id}")
    assert (data["Played"], data["ItemId"]) == (False, new.id)


async def test_user_data_is_written_exactly_and_null_says_nothing(house: House) -> None:
    path = f"/UserItems/{house.episodes[0].id}/UserData?userId={house.admin.id}"
    status, empty = await house.ask("GET", path)
    assert (status, empty["PlayCount"], empty["Played"], "LastPlayedDate" in empty) == (200, 0, False, False)
    written = {"PlaybackPositionTicks": 4_200_000_000, "PlayCount": 3, "LastPlayedDate": "2024-05-06T07:08:09.1234567Z"}
    assert (await house.ask("POST", path, json=written))[0] == 200
    _, after = await house.ask("POST", path, json={"Played": True, "PlayCount": None, "LastPlayedDate": None})
    assert after == (await house.ask("GET", path))[1]
    assert (after["PlayCount"], after["Played"], after["PlaybackPositionTicks"]) == (3, True, 4_200_000_000)
    assert after["LastPlayedDate"] == "2024-05-06T07:08:09.1234560Z"
    for wrong in ({"PlayCount": "3"}, {"PlayCount": True}, {"Played": 1}, {"LastPlayedDate": "yesterday"}):
        assert (await house.ask("POST", path, json=wrong))[0] == 400
    assert (await house.ask("GET", path))[1] == after
    assert (await house.ask("GET", path.partition("?")[0]))[0] == 400


async def test_playing_counts_up_and_unplaying_clears(house: House) -> None:
    item = house.episodes[0]
    path = f"/UserPlayedItems/{item.id}?userId={house.admin.id}"
    data = house.media.user_data(house.admin.id, item.id)
    data.position, data.favourite = 900, True
    for _ in range(2):
        await house.ask("POST", f"{path}&datePlayed=2024-01-02T03:04:05Z")
    assert (data.play_count, data.played, data.position) == (2, True, 0)
    await house.ask("POST", path)
    assert (data.play_count, data.last_played) == (2, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert (await house.ask("DELETE", path))[0] == 200
    assert (data.play_count, data.played, data.last_played, data.favourite) == (0, False, None, True)
    [listed] = await house.items(f"/Items?ids={item.id}&userId={house.admin.id}")
    assert listed["UserData"]["IsFavorite"] is True
    [bare] = await house.items(f"/Items?ids={item.id}&userId={house.admin.id}&enableUserData=false")
    assert "UserData" not in bare


async def test_merged_versions_are_one_entry_to_a_user(house: House) -> None:
    (wide, narrow), *_ = house.pairs
    path = f"{ALL},MediaSourceCount&parentId={house.shows.item_id}"
    assert (await house.ask("POST", f"/Videos/MergeVersions?ids={narrow.id},{wide.id}"))[0] == 204
    assert (narrow.primary_version_id, wide.alternates) == (wide.id, [narrow.id])
    singly = {item["Id"]: item for item in await house.items(path)}
    assert len(singly) == EPISODES + DOUBLES
    assert [singly[i.id]["MediaSourceCount"] for i in (wide, narrow)] == [2, 2]
    assert {source["Id"] for source in singly[narrow.id]["MediaSources"]} == {wide.id, narrow.id}
    assert "MediaSourceCount" not in singly[house.pairs[1][0].id]
    collapsed = {item["Id"] for item in await house.items(f"{path}&userId={house.admin.id}")}
    assert set(singly) - collapsed == {narrow.id}
    [alone] = await house.items(f"/Items?ids={narrow.id}&userId={house.admin.id}")
    assert alone["Id"] == narrow.id


async def test_the_primary_is_not_the_callers_to_choose(house: House) -> None:
    (first, second), (third, _), *_ = house.pairs
    await house.ask("POST", f"/Videos/MergeVersions?ids={second.id},{first.id}")
    third.width = 7680
    await house.ask("POST", f"/Videos/MergeVersions?ids={third.id},{first.id}")
    assert third.primary_version_id == first.id
    assert first.alternates == [second.id, third.id]
    await house.ask("POST", f"/Videos/MergeVersions?ids={third.id},{first.id}")
    assert first.alternates == [second.id, third.id]


async def test_versions_are_parted_again(house: House) -> None:
    (first, second), (lone, other), *_ = house.pairs
    await house.ask("POST", f"/Videos/MergeVersions?ids={first.id},{second.id}")
    assert (await house.ask("DELETE", f"/Videos/{second.id}/AlternateSources"))[0] == 204
    assert (first.alternates, second.primary_version_id) == ([], "")
    unlinked = 204 if house.server.release > (10, 11) else 400
    assert (await house.ask("DELETE", f"/Videos/{lone.id}/AlternateSources"))[0] == unlinked
    assert (await house.ask("DELETE", f"/Videos/{NOBODY}/AlternateSources"))[0] == 404
    for ids in ("", lone.id, f"{lone.id},{NOBODY}", f"{lone.id},{lone.series_id}"):
        assert (await house.ask("POST", f"/Videos/MergeVersions?ids={ids}"))[0] == 400
    guest = house.state.log_in(an_outsider(house), "t")
    merge = f"/Videos/MergeVersions?ids={lone.id},{other.id}"
    assert (await house.ask("POST", merge, token=guest))[0] == 403
    house.media.remove(first.id)
    assert second.primary_version_id == ""


async def test_box_sets_are_made_filled_and_emptied(house: House) -> None:
    one, two, three = house.episodes[:3]
    status, made = await house.ask("POST", f"/Collections?name=Best&ids={one.id},{two.id}")
    assert status == 200
    [listed] = await house.items("/Items?recursive=true&includeItemTypes=BoxSet&fields=Path")
    assert (listed["Id"], listed["Name"], listed["IsFolder"]) == (made["Id"], "Best", True)
    members = f"/Collections/{made['Id']}/Items?ids="
    for method, ids, left in (
        ("POST", f"{two.id},{three.id}", {one.id, two.id, three.id}),
        ("DELETE", f"{one.id},{NOBODY}", {two.id, three.id}),
    ):
        assert (await house.ask(method, members + ids))[0] == 204
        for eyes in ("recursive=true", f"recursive=false&userId={house.admin.id}"):
            inside = await house.items(f"/Items?parentId={made['Id']}&{eyes}")
            assert {item["Id"] for item in inside} == left
        assert await house.items(f"/Items?parentId={made['Id']}") == []
    house.media.remove(two.id)
    assert house.media[made["Id"]].members == [three.id]
    show = three.series_id
    await house.ask("POST", members + show)
    deep = f"recursive=true&userId={house.admin.id}"
    inside = await house.items(f"/Items?parentId={made['Id']}&{deep}&includeItemTypes=Episode")
    assert {item["Id"] for item in inside} == {item.id for item in house.media if item.series_id == show} - {
        house.media[three.season_id].id
    }


async def test_box_sets_are_nested(house: House) -> None:
    series = house.media[house.episodes[0].series_id]
    inner = house.media.add_box_set("Inner", [series])
    outer = house.media.add_box_set("Outer", [inner])
    path = f"/Items?parentId={outer.id}&userId={house.admin.id}&recursive="
    assert [item["Id"] for item in await house.items(f"/Items?parentId={outer.id}&recursive=true")] == [inner.id]
    assert [item["Id"] for item in await house.items(f"{path}false")] == [inner.id]
    inside = {item["Id"] for item in await house.items(f"{path}true")}
    assert inside == {inner.id, series.id} | {item.id for item in house.media if item.series_id == series.id}
    seen = f"/Items?recursive=true&includeItemTypes=BoxSet&userId={house.admin.id}"
    assert {item["Id"] for item in await house.items(seen)} == {inner.id, outer.id}


async def test_an_item_without_a_file_is_virtual(house: House) -> None:
    show = house.media[house.episodes[0].series_id]
    missing = house.media.add_episode(show, 99, virtual=True, provider_ids={"Shoko Episode": "9999"})
    [item] = await house.items(f"/Items?ids={missing.id}&fields=Path,MediaSources,ProviderIds")
    assert (item["LocationType"], item["ProviderIds"]) == ("Virtual", {"Shoko Episode": "9999"})
    assert not {"Path", "MediaSources"} & set(item)


async def test_what_cannot_be_done_to_box_sets(house: House) -> None:
    one = house.episodes[0]
    assert (await house.ask("POST", "/Collections?ids="))[0] == 400
    assert (await house.ask("POST", f"/Collections?name=Odd&ids={NOBODY}"))[0] == 400
    [left] = await house.items("/Items?recursive=true&includeItemTypes=BoxSet")
    assert (left["Name"], house.media[left["Id"]].members) == ("Odd", [])
    for method in ("POST", "DELETE"):
        assert (await house.ask(method, f"/Collections/{one.id}/Items?ids={one.id}"))[0] == 400
    outsider = an_outsider(house)
    token = house.state.log_in(outsider, "t")
    assert (await house.ask("POST", "/Collections?name=Mine", token=token))[0] == 403
    await house.ask("POST", f"/Collections/{left['Id']}/Items?ids={one.id}")
    assert await house.items(f"/Items?recursive=true&includeItemTypes=BoxSet&userId={outsider.id}") == []


async def test_one_item_or_one_user_can_be_made_to_fail(house: House) -> None:
    one, two = house.episodes[:2]
    other = house.state.add_user("other", "")
    house.server.faults.answer(f"/UserItems/{one.id}/UserData", 500)
    house.server.faults.answer("/UserItems/*/UserData", 401, query={"userId": other.id})
    for item, user, status in ((one, house.admin, 500), (two, house.admin, 200), (two, other, 401)):
        assert (await house.ask("GET", f"/UserItems/{item.id}/UserData?userId={user.id}"))[0] == status


def test_libraries_are_made_alike_by_the_thousand() -> None:
    household = make_household()
    made = []
    for _ in range(2):
        state = jellyfin_state(household, household.servers_of("jellyfin")[0].identifier)
        films = next(library for library in state.libraries.values() if library.kind == "movie")
        items = shoko_library(state, films.item_id, series=100, episodes=10_000, doubles=50)
        made.append([(item.id, item.provider_ids, item.premiered) for item in items])
    assert made[0] == made[1]
    assert len({entry[0] for entry in made[0]}) == 10_050
    assert made[0][-1][1]["Shoko File"] == "10050"
