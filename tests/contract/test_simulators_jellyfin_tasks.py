"""The Jellyfin simulator's scheduled tasks, its web socket, plugins and sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from tests.simulators.household import make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_plugin import PLUGIN_ID
from tests.simulators.jellyfin_shoko import shoko_library
from tests.simulators.jellyfin_state import Playing, jellyfin_state
from tests.simulators.jellyfin_tasks import SCAN, TaskFailed
from tests.support.waiting import wait_until

pytestmark = pytest.mark.contract
START = {"MessageType": "ScheduledTasksInfoStart", "Data": "0,0"}


class Upkeep:
    """A Jellyfin server, and an administrator's program that looks after it."""

    def __init__(self, server: JellyfinServer, http: aiohttp.ClientSession) -> None:
        self.server, self.state, self.tasks = server, server.state, server.state.tasks
        self._http = http

    async def ask(self, method: str, path: str, token: str = "") -> tuple[int, Any]:
        """The status and content of an answer."""
        headers = {"Authorization": f'MediaBrowser Token="{token or self.state.api_key}"'}
        async with self._http.request(method, self.server.url + path, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None) if answer.status == 200 else None

    async def listed(self, query: str = "") -> dict[str, dict[str, Any]]:
        """The tasks, by key."""
        _, tasks = await self.ask("GET", f"/ScheduledTasks{query}")
        return {task["Key"]: task for task in tasks}

    async def task(self, key: str) -> dict[str, Any]:
        """One task, read by its id."""
        status, found = await self.ask("GET", f"/ScheduledTasks/{self.tasks[key].id}")
        assert status == 200
        return dict(found)

    async def turn(self, method: str, key: str) -> int:
        """Start (POST) or cancel (DELETE) a task."""
        return (await self.ask(method, f"/ScheduledTasks/Running/{self.tasks[key].id}"))[0]

    def socket(self, query: str = "") -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """The web socket, opened with the API key in the query."""
        return self._http.ws_connect(f"{self.server.url}/socket?{query or f'ApiKey={self.state.api_key}'}")


@pytest.fixture(params=["10.9.11", "10.11.11", "12.0.0"])
async def upkeep(request: pytest.FixtureRequest) -> AsyncIterator[Upkeep]:
    household = make_household()
    state = jellyfin_state(household, household.servers_of("jellyfin")[0].identifier)
    async with JellyfinServer(state, version=request.param) as server, aiohttp.ClientSession() as http:
        yield Upkeep(server, http)


async def test_which_tasks_there_are(upkeep: Upkeep) -> None:
    known = await upkeep.listed()
    assert ("ShokoMigrateEpisodeUserDataTask" in known) == (upkeep.server.release == (10, 9))
    assert "LastExecutionResult" not in known[SCAN]
    shown = await upkeep.listed("?isHidden=false")
    assert SCAN in shown
    assert set(known) - set(shown) == {key for key, task in known.items() if task["IsHidden"]} != set()
    assert set(await upkeep.listed("?isEnabled=true")) == set(known)
    assert set(await upkeep.listed("?isEnabled=false")) == {SCAN}
    upkeep.state.plugins[PLUGIN_ID].configuration["AdvancedMode"] = True
    assert set(await upkeep.listed("?isHidden=false")) == set(known)
    upkeep.state.plugins.clear()
    assert set(await upkeep.listed()) == {SCAN}
    assert (await upkeep.ask("GET", f"/ScheduledTasks/{upkeep.tasks['ShokoSyncUserData'].id}"))[0] == 404


async def test_a_task_is_for_administrators(upkeep: Upkeep) -> None:
    guest = upkeep.state.log_in(upkeep.state.add_user("guest", ""), "t")
    for method, path in (("GET", "/ScheduledTasks"), ("GET", "/Plugins"), ("POST", "/ScheduledTasks/Running/1")):
        assert (await upkeep.ask(method, path, guest))[0] == 403


async def test_a_short_task_has_ended_before_anybody_looks(upkeep: Upkeep) -> None:
    done: list[str] = []
    upkeep.tasks.effects["ShokoClearPluginCache"] = lambda: done.append("cleared")
    for times in (1, 2):
        before = upkeep.tasks["ShokoClearPluginCache"].started
        assert await upkeep.turn("POST", "ShokoClearPluginCache") == 204
        task = await upkeep.task("ShokoClearPluginCache")
        assert (task["State"], task["LastExecutionResult"]["Status"], len(done)) == ("Idle", "Completed", times)
        assert upkeep.tasks["ShokoClearPluginCache"].started != before


async def test_a_held_task_runs_until_it_is_released(upkeep: Upkeep) -> None:
    key, done = "ShokoSyncUserData", []
    upkeep.tasks.effects[key] = lambda: done.append(1)
    upkeep.tasks.hold(key)
    assert [await upkeep.turn("POST", key) for _ in range(2)] == [204, 204]
    upkeep.tasks.get_on(key, 0.25)
    task = await upkeep.task(key)
    assert (task["State"], task["CurrentProgressPercentage"], done) == ("Running", 25.0, [])
    upkeep.tasks.release(key)
    task = await upkeep.task(key)
    assert (task["State"], "CurrentProgressPercentage" in task, done) == ("Idle", False, [1])


async def test_a_task_fails_though_its_start_was_well(upkeep: Upkeep) -> None:
    def fail() -> None:
        raise TaskFailed("Shoko does not answer.")

    upkeep.tasks.effects["ShokoVersionCheck"] = fail
    assert await upkeep.turn("POST", "ShokoVersionCheck") == 204
    result = (await upkeep.task("ShokoVersionCheck"))["LastExecutionResult"]
    assert (result["Status"], result["ErrorMessage"]) == ("Failed", "Shoko does not answer.")


async def test_a_task_is_cancelled(upkeep: Upkeep) -> None:
    key = "ShokoExportUserData"
    assert await upkeep.turn("DELETE", key) == 500
    upkeep.tasks.hold(key)
    await upkeep.turn("POST", key)
    assert await upkeep.turn("DELETE", key) == 204
    assert (await upkeep.task(key))["LastExecutionResult"]["Status"] == "Cancelled"
    upkeep.tasks.hold(key, stubborn=True)
    await upkeep.turn("POST", key)
    assert await upkeep.turn("DELETE", key) == 204
    assert (await upkeep.task(key))["State"] == "Cancelling"
    assert await upkeep.turn("DELETE", key) == 500
    upkeep.tasks.release(key)
    assert (await upkeep.task(key))["State"] == "Idle"


async def test_a_task_refused_for_a_scan_says_that_it_completed(upkeep: Upkeep) -> None:
    done: list[int] = []
    upkeep.tasks.effects["ShokoMergeEpisodes"] = lambda: done.append(1)
    upkeep.tasks.begin(SCAN, share=0.42)
    assert (await upkeep.listed())[SCAN]["CurrentProgressPercentage"] == 42.0
    await upkeep.turn("POST", "ShokoMergeEpisodes")
    assert (await upkeep.task("ShokoMergeEpisodes"))["LastExecutionResult"]["Status"] == "Completed"
    upkeep.tasks.finish(SCAN, status="Failed", error="disk full")
    assert (await upkeep.task(SCAN))["LastExecutionResult"]["ErrorMessage"] == "disk full"
    assert done == []
    await upkeep.turn("POST", "ShokoMergeEpisodes")
    assert done == [1]


async def test_libraries_tell_that_they_are_being_refreshed(upkeep: Upkeep) -> None:
    first, second, third, *_ = upkeep.state.libraries
    upkeep.state.refreshing.update({first: 0.5, second: None})
    _, folders = await upkeep.ask("GET", "/Library/VirtualFolders")
    told = {folder["ItemId"]: (folder["RefreshStatus"], folder.get("RefreshProgress")) for folder in folders}
    assert (told[first], told[second], told[third]) == (("Active", 50.0), ("Queued", None), ("Idle", None))


async def test_the_socket_tells_of_turns(upkeep: Upkeep) -> None:
    async with upkeep.socket() as socket:
        assert (await socket.receive_json(timeout=5))["MessageType"] == "ForceKeepAlive"
        await socket.send_json({"MessageType": "KeepAlive"})
        assert (await socket.receive_json(timeout=5))["MessageType"] == "KeepAlive"
        await socket.send_json(START)
        await wait_until(lambda: upkeep.server.socket.listeners == 1, what="somebody who listens")
        seen = []
        steps: list[Callable[[], None]] = [
            lambda: upkeep.tasks.begin(SCAN),
            lambda: upkeep.tasks.get_on(SCAN, 0.5),
            lambda: upkeep.tasks.finish(SCAN),
        ]
        for step in steps:
            step()
            message = await socket.receive_json(timeout=5)
            assert message["MessageType"] == "ScheduledTasksInfo"
            [scan] = [task for task in message["Data"] if task["Key"] == SCAN]
            seen.append((scan["State"], scan.get("CurrentProgressPercentage")))
            assert not [task for task in message["Data"] if task["IsHidden"]]
        assert seen == [("Running", 0.0), ("Running", 50.0), ("Idle", None)]
    await wait_until(lambda: not upkeep.server.socket.connections, what="the end of the connection")
    assert upkeep.server.socket.kept_alive == 1


async def test_the_socket_turns_strangers_away_and_is_cut(upkeep: Upkeep) -> None:
    legacy = f"api_key={upkeep.state.api_key}"
    for query in ("ApiKey=wrong", *([legacy] if upkeep.server.release >= (12, 0) else [])):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with upkeep.socket(query):
                pass
        assert refused.value.status == 403
    async with upkeep.socket() as socket:
        await socket.receive_json(timeout=5)
        upkeep.server.socket.drop()
        async with asyncio.timeout(5):
            assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await wait_until(lambda: not upkeep.server.socket.connections, what="the end of the connection")


async def test_a_server_that_goes_down_hangs_up(upkeep: Upkeep) -> None:
    async with upkeep.socket() as socket:
        await socket.receive_json(timeout=5)
        async with asyncio.timeout(5):
            await upkeep.server.go_down()
            while (await socket.receive()).type not in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                pass
    assert not upkeep.server.socket.connections
    assert not upkeep.tasks.watchers
    await upkeep.server.come_up()
    async with upkeep.socket() as socket:
        assert (await socket.receive_json(timeout=5))["MessageType"] == "ForceKeepAlive"


async def test_a_plugin_tells_its_configuration(upkeep: Upkeep) -> None:
    [plugin] = (await upkeep.ask("GET", "/Plugins"))[1]
    assert (plugin["Id"], plugin["Status"]) == (PLUGIN_ID, "Active")
    upkeep.state.plugins[PLUGIN_ID].configuration["CollectionGrouping"] = "Shared"
    dashed = "5216ccbf-d24a-4eb3-8a7e-7da4230b7052"
    status, configuration = await upkeep.ask("GET", f"/Plugins/{dashed}/Configuration")
    assert (status, configuration["AutoMergeVersions"], configuration["CollectionGrouping"]) == (200, True, "Shared")
    upkeep.state.plugins.clear()
    assert (await upkeep.ask("GET", f"/Plugins/{dashed}/Configuration"))[0] == 404


async def test_sessions_tell_who_plays(upkeep: Upkeep) -> None:
    films = next(library for library in upkeep.state.libraries.values() if library.kind == "movie")
    film = shoko_library(upkeep.state, films.item_id, series=1, episodes=1)[0]
    now, admin = datetime.now(UTC), upkeep.state.administrator
    guest = upkeep.state.add_user("guest", "")
    upkeep.state.sessions_playing += [
        Playing(user=guest, item=film.id, at=now, position=600),
        Playing(user=admin, item=None, at=now - timedelta(hours=2), device="Phone"),
    ]
    _, sessions = await upkeep.ask("GET", "/Sessions")
    playing = [session for session in sessions if "NowPlayingItem" in session]
    assert len(sessions) == 2
    assert [(s["UserName"], s["NowPlayingItem"]["Name"]) for s in playing] == [("guest", film.name)]
    assert playing[0]["PlayState"]["PositionTicks"] == 600
    _, recent = await upkeep.ask("GET", "/Sessions?activeWithinSeconds=960")
    assert [session["UserId"] for session in recent] == [guest.id]
    _, own = await upkeep.ask("GET", "/Sessions", upkeep.state.log_in(guest, "t"))
    assert [session["UserId"] for session in own] == [guest.id]
