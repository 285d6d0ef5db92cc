"""The faults: each strikes as often as it was set to, leaves the rest alone, and is seen as the client would see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running

pytestmark = pytest.mark.contract
LONG_SECONDS = 5.0


@pytest.fixture
async def neighbourhood() -> AsyncIterator[Neighbourhood]:
    async with running(make_household()) as servers:
        yield servers


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONG_SECONDS)) as session:
        yield session


async def users(http: aiohttp.ClientSession, place: Neighbourhood) -> list[dict[str, object]]:
    jellyfin = place.jellyfin[0]
    headers = {"Authorization": f'MediaBrowser Token="{jellyfin.state.api_key}"'}
    async with http.get(f"{jellyfin.url}/Users", headers=headers) as answer:
        answer.raise_for_status()
        listed: list[dict[str, object]] = await answer.json()
        return listed


async def friends(http: aiohttp.ClientSession, place: Neighbourhood) -> tuple[int, int]:
    headers = {"X-Plex-Token": place.plex[0].owner_token}
    async with http.get(f"{place.plextv.url}/api/users", headers=headers) as answer:
        answer.raise_for_status()
        text = await answer.text()
        return text.count("<User "), int(text.split(' size="')[1].split('"')[0])


async def status(http: aiohttp.ClientSession, url: str, token: str) -> int:
    async with http.get(url, headers={"X-Plex-Token": token}) as answer:
        return answer.status


async def test_a_status_for_the_next_requests(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    plex = neighbourhood.plex[0]
    plex.faults.answer("/library/sections", 503, times=2)
    codes = [await status(http, f"{plex.url}/library/sections", plex.owner_token) for _ in range(3)]
    assert codes == [503, 503, 200]
    assert plex.requests.count("GET", "/library/sections") == 3


async def test_a_failure_half_way_through(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    plex = neighbourhood.plex[0]
    plex.faults.answer("/library/sections/{key}/all", 500, after=3, times=1)
    urls = [f"{plex.url}/library/sections/{key}/all?X-Plex-Container-Size=0" for key in plex.machine.libraries]
    codes = [await status(http, url, plex.owner_token) for url in urls]
    assert codes == [200, 200, 200, 500] + [200] * (len(urls) - 4)


async def test_headers_and_methods(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    tv = neighbourhood.plextv
    tv.faults.answer("/api/**", 429, method="GET", headers={"Retry-After": "7"})
    async with http.get(f"{tv.url}/api/users") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    async with http.delete(f"{tv.url}/api/servers/1/shared_servers/1") as answer:
        assert answer.status == 401
    tv.faults.clear()
    assert (await friends(http, neighbourhood))[0] > 0


async def test_a_refused_change_changes_nothing(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    jellyfin = neighbourhood.jellyfin[0]
    jellyfin.faults.answer("/Users/New", 500, method="POST", times=1)
    headers = {"Authorization": f'MediaBrowser Token="{jellyfin.state.api_key}"'}
    for expected in (500, 200):
        async with http.post(f"{jellyfin.url}/Users/New", json={"Name": "once"}, headers=headers) as answer:
            assert answer.status == expected
    assert jellyfin.journal.count("user.created") == 1


async def test_a_body_cut_off(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    neighbourhood.jellyfin[0].faults.truncate("/Users", times=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await users(http, neighbourhood)
    assert len(await users(http, neighbourhood)) == len(neighbourhood.jellyfin[0].state.users)


async def test_a_change_whose_answer_is_lost_is_made(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    jellyfin = neighbourhood.jellyfin[0]
    jellyfin.faults.truncate("/Users/New", method="POST", times=1)
    headers = {"Authorization": f'MediaBrowser Token="{jellyfin.state.api_key}"'}
    with pytest.raises(aiohttp.ClientPayloadError):
        async with http.post(f"{jellyfin.url}/Users/New", json={"Name": "lost"}, headers=headers) as answer:
            await answer.read()
    assert jellyfin.state.named("lost") is not None


async def test_an_empty_and_a_half_list(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    whole, jellyfin = await users(http, neighbourhood), neighbourhood.jellyfin[0]
    jellyfin.faults.empty("/Users", times=1)
    jellyfin.faults.half("/Users", after=1, times=1)
    assert await users(http, neighbourhood) == []
    assert await users(http, neighbourhood) == whole[: len(whole) // 2]
    assert await users(http, neighbourhood) == whole


async def test_counts_tell_of_a_half_list_but_not_of_an_empty_one(
    neighbourhood: Neighbourhood, http: aiohttp.ClientSession
) -> None:
    given, claimed = await friends(http, neighbourhood)
    assert given == claimed
    neighbourhood.plextv.faults.half("/api/users", times=1)
    neighbourhood.plextv.faults.empty("/api/users", after=1)
    assert await friends(http, neighbourhood) == (given // 2, claimed)
    assert await friends(http, neighbourhood) == (0, 0)


async def test_a_slow_answer_waits_for_the_test(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    jellyfin = neighbourhood.jellyfin[0]
    released = jellyfin.faults.hold("/Users", times=1)
    async with asyncio.timeout(LONG_SECONDS), asyncio.TaskGroup() as tasks:
        slow = tasks.create_task(users(http, neighbourhood))
        await jellyfin.requests.reach(1, "GET", "/Users")
        assert len(await users(http, neighbourhood)) == len(jellyfin.state.users)
        assert not slow.done()
        released.set()
    assert len(slow.result()) == len(jellyfin.state.users)


async def test_a_server_goes_down_and_comes_up(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    jellyfin = neighbourhood.jellyfin[0]
    before, url = await users(http, neighbourhood), jellyfin.url
    await jellyfin.go_down()
    with pytest.raises(aiohttp.ClientConnectionError):
        await users(http, neighbourhood)
    await jellyfin.come_up()
    await jellyfin.come_up()
    assert jellyfin.url == url
    assert await users(http, neighbourhood) == before


async def test_a_stop_is_not_held_up_by_a_slow_answer(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(LONG_SECONDS), asyncio.TaskGroup() as tasks:
        async with running(make_household(people=5, libraries=3)) as small:
            jellyfin = small.jellyfin[0]
            jellyfin.faults.hold("/System/Ping")
            cut = tasks.create_task(_outcome(http, f"{jellyfin.url}/System/Ping"))
            await jellyfin.requests.reach(1)
            await jellyfin.go_down()
        assert await cut == "cut off"


async def _outcome(http: aiohttp.ClientSession, url: str) -> str:
    try:
        async with http.get(url) as answer:
            return await answer.text()
    except aiohttp.ClientConnectionError:
        return "cut off"


async def test_counting_by_method_and_pattern(neighbourhood: Neighbourhood, http: aiohttp.ClientSession) -> None:
    plex = neighbourhood.plex[0]
    for path in ("/identity", "/library/sections", "/library/sections/1/all", "/library/sections/2/all"):
        await status(http, plex.url + path, plex.owner_token)
    assert plex.requests.count("GET", "/library/sections/{key}/all") == 2
    assert plex.requests.count("get", "/library/**") == 3
    assert plex.requests.count("POST") == 0
    assert plex.requests.count() == 4
