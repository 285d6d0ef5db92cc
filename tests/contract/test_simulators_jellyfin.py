"""The Jellyfin simulator, proven with jellyfin-apiclient-python, a client that was written for the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest
import requests
from jellyfin_apiclient_python import JellyfinClient
from jellyfin_apiclient_python.connection_manager import CONNECTION_STATE

from tests.simulators.household import make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_state import PASSWORD_PROVIDER, User, jellyfin_state

pytestmark = pytest.mark.contract
T = TypeVar("T")
JSON = {"Content-Type": "application/json"}
NOBODY = "00000000000000000000000000000001"


@pytest.fixture(params=["10.9.11", "10.11.11", "12.0.0"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[JellyfinServer]:
    async with _server(request.param) as running:
        yield running


def _server(version: str) -> JellyfinServer:
    household = make_household()
    return JellyfinServer(jellyfin_state(household, household.servers_of("jellyfin")[0].identifier), version=version)


async def blocking(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """The client blocks; the simulator needs the loop meanwhile."""
    return await asyncio.to_thread(call, *args, **kwargs)


async def ask(server: JellyfinServer, method: str, path: str, token: str = "", **kwargs: Any) -> requests.Response:
    headers = {"Authorization": f'MediaBrowser Token="{token}"'} if token else {}
    headers |= kwargs.pop("headers", {})
    return await blocking(requests.request, method, f"{server.url}{path}", headers=headers, timeout=5, **kwargs)


async def logged_in(server: JellyfinServer, user: User) -> Any:
    def log_in() -> Any:
        client = JellyfinClient()
        client.config.app("Contract test", "1.0", "a test", f"device-of-{user.name}")
        client.config.data["auth.ssl"] = False
        state = client.auth.connect_to_address(server.url)
        assert state["State"] == CONNECTION_STATE.ServerSignIn
        assert client.auth.login(server.url, user.name, user.password)
        return client.jellyfin

    return await blocking(log_in)


def a_guest(server: JellyfinServer) -> User:
    return next(
        user
        for user in server.state.users.values()
        if not user.is_administrator
        and not user.is_disabled
        and not user.policy["EnableAllFolders"]
        and user.policy["EnabledFolders"]
    )


async def test_logging_in_and_reading_everything(server: JellyfinServer) -> None:
    api = await logged_in(server, server.state.administrator)
    info = await blocking(api.get_system_info_new)
    assert (info["ServerName"], info["Id"]) == (server.state.server.name, server.state.server.identifier)
    assert info["Version"] == server.version
    folders = await blocking(api.virtual_folders)
    assert {folder["ItemId"] for folder in folders} == set(server.state.libraries)
    users = await blocking(api.get_users)
    assert {user["Id"] for user in users} == set(server.state.users)
    me = await blocking(api.get_user)
    assert me["Policy"]["IsAdministrator"] is True
    assert len((await blocking(api.get_views))["Items"]) == len(server.state.libraries)


async def test_a_policy_changed_by_one_is_seen_by_the_other(server: JellyfinServer) -> None:
    admin, guest = server.state.administrator, a_guest(server)
    theirs = await logged_in(server, guest)
    seen = {view["Id"] for view in (await blocking(theirs.get_views))["Items"]}
    assert seen == set(guest.policy["EnabledFolders"])  # type: ignore[call-overload]
    token = server.state.log_in(admin, "tests")
    policy = (await ask(server, "GET", f"/Users/{guest.id}", token)).json()["Policy"]
    only = next(iter(server.state.libraries))
    changed = policy | {"EnableAllFolders": False, "EnabledFolders": [only]}
    assert (await ask(server, "POST", f"/Users/{guest.id}/Policy", token, json=changed)).status_code == 204
    assert (await blocking(theirs.get_user))["Policy"]["EnabledFolders"] == [only]
    assert [view["Id"] for view in (await blocking(theirs.get_views))["Items"]] == [only]
    assert server.journal.count("policy.replaced", guest.id) == 1


async def test_a_posted_policy_replaces_the_whole_one(server: JellyfinServer) -> None:
    guest, key = a_guest(server), server.state.api_key
    path = f"/Users/{guest.id}/Policy"
    policy = (await ask(server, "GET", f"/Users/{guest.id}", key)).json()["Policy"]
    partial = {name: policy[name] for name in ("AuthenticationProviderId", "PasswordResetProviderId")}
    partial["EnabledFolders"] = policy["EnabledFolders"]
    assert (await ask(server, "POST", path, key, json=partial)).status_code == 204
    after = (await ask(server, "GET", f"/Users/{guest.id}", key)).json()["Policy"]
    assert after["EnableAllFolders"] is True
    assert after["EnabledFolders"] == policy["EnabledFolders"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"AuthenticationProviderId": None}, "AuthenticationProviderId"),
        ({"PasswordResetProviderId": ""}, "PasswordResetProviderId"),
        ({"EnableAllFolders": "no"}, "EnableAllFolders"),
        ({"EnabledFolders": ["Movies"]}, "EnabledFolders"),
        ({"MaxActiveSessions": None}, "MaxActiveSessions"),
    ],
)
async def test_a_policy_that_is_no_policy_changes_nothing(wrong: dict[str, object], field: str) -> None:
    async with _server("10.11.11") as server:
        guest, key = a_guest(server), server.state.api_key
        before = dict(guest.policy)
        answer = await ask(server, "POST", f"/Users/{guest.id}/Policy", key, json=before | wrong)
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == [field]
        assert guest.policy == before
        assert server.journal.changes == []


async def test_users_come_and_go(server: JellyfinServer) -> None:
    api = await logged_in(server, server.state.administrator)
    created = await blocking(api.new_user, "Zoe Newcomer", "secret")
    assert created["Policy"]["AuthenticationProviderId"] == PASSWORD_PROVIDER
    newcomer = server.state.users[created["Id"]]
    theirs = await logged_in(server, newcomer)
    assert (await blocking(theirs.get_user))["Name"] == "Zoe Newcomer"
    await blocking(api.delete_user, created["Id"])
    key = server.state.api_key
    assert (await ask(server, "GET", f"/Users/{created['Id']}", key)).status_code == 404
    assert (await ask(server, "DELETE", f"/Users/{created['Id']}", key)).status_code == 404
    assert [change.what for change in server.journal.changes] == ["user.created", "user.deleted"]


async def test_what_cannot_be_done_to_users(server: JellyfinServer) -> None:
    key, admin = server.state.api_key, server.state.administrator
    for name, status in ((None, 400), ("", 400), (admin.name.upper(), 400), ("semi;colon", 400)):
        assert (await ask(server, "POST", "/Users/New", key, json={"Name": name})).status_code == status
    assert (await ask(server, "DELETE", f"/Users/{admin.id}", key)).status_code == 400
    for change in ({"IsAdministrator": False}, {"IsDisabled": True}):
        answer = await ask(server, "POST", f"/Users/{admin.id}/Policy", key, json=admin.policy | change)
        assert answer.status_code == 403
    assert (await ask(server, "GET", f"/Users/{NOBODY}", key)).status_code == 404
    assert (await ask(server, "GET", "/Users/not-an-id", key)).status_code == 400
    assert server.journal.changes == []


async def test_who_may_do_what(server: JellyfinServer) -> None:
    token = server.state.log_in(a_guest(server), "tests")
    key = server.state.api_key
    for method, path in (("GET", "/Library/VirtualFolders"), ("POST", "/Users/New"), ("DELETE", f"/Users/{NOBODY}")):
        assert (await ask(server, method, path)).status_code == 401
        assert (await ask(server, method, path, "wrong")).status_code == 401
        assert (await ask(server, method, path, token)).status_code == 403
    for path in ("/System/Ping", "/System/Info/Public"):
        assert (await ask(server, "GET", path)).status_code == 200
    assert (await ask(server, "GET", "/System/Info", token)).status_code == 200
    assert (await ask(server, "GET", "/Users/Me", token)).status_code == 200
    assert (await ask(server, "GET", "/Users/Me", key)).status_code == 400
    assert (await ask(server, "GET", f"/Items?userId={server.state.administrator.id}", token)).status_code == 403


async def test_where_a_token_may_stand(server: JellyfinServer) -> None:
    key = server.state.api_key
    legacy = 401 if server.version.startswith("12") else 200
    places: list[tuple[dict[str, str], str, int]] = [
        ({"Authorization": f'MediaBrowser Token="{key}", Client="tests"'}, "", 200),
        ({}, f"?ApiKey={key}", 200),
        ({"Authorization": f'Emby Token="{key}"'}, "", legacy),
        ({"X-Emby-Token": key}, "", legacy),
        ({"X-MediaBrowser-Token": key}, "", legacy),
        ({"X-Emby-Authorization": f'MediaBrowser Token="{key}"'}, "", legacy),
        ({}, f"?api_key={key}", legacy),
        ({"Authorization": f"Bearer {key}"}, "", 401),
    ]
    for headers, query, status in places:
        assert (await ask(server, "GET", f"/System/Info{query}", headers=headers)).status_code == status


async def test_logging_in_takes_the_right_password_and_a_device(server: JellyfinServer) -> None:
    guest = a_guest(server)
    path, device = "/Users/AuthenticateByName", 'MediaBrowser Client="t", Device="t", DeviceId="t", Version="1"'
    right = {"Username": guest.name, "Pw": guest.password}
    headers = {"Authorization": device}
    assert (await ask(server, "POST", path, json=right, headers=headers)).status_code == 200
    assert (await ask(server, "POST", path, json=right)).status_code == 400
    assert (await ask(server, "POST", path, json=right | {"Pw": "wrong"}, headers=headers)).status_code == 401
    locked = guest.policy | {"IsDisabled": True}
    await ask(server, "POST", f"/Users/{guest.id}/Policy", server.state.api_key, json=locked)
    assert (await ask(server, "POST", path, json=right, headers=headers)).status_code == 403
    assert (await ask(server, "GET", "/Users/Me", server.state.log_in(guest, "t"))).status_code == 401


async def test_a_password_is_set(server: JellyfinServer) -> None:
    guest, key = a_guest(server), server.state.api_key
    answer = await ask(server, "POST", f"/Users/Password?userId={guest.id}", key, json={"NewPw": "changed"})
    assert answer.status_code == 204
    assert await logged_in(server, guest)
    assert guest.password == "changed"


async def test_items_are_counted_listed_and_paged(server: JellyfinServer) -> None:
    key = server.state.api_key
    counts = (await ask(server, "GET", "/Items/Counts", key)).json()
    libraries = server.state.libraries.values()
    assert counts["MovieCount"] == sum(library.items.get("movie", 0) for library in libraries)
    assert counts["EpisodeCount"] == sum(library.items.get("episode", 0) for library in libraries)
    shows = next(library for library in libraries if library.kind == "show")
    query = f"/Items?recursive=true&parentId={shows.item_id}&includeItemTypes=Episode"
    none = (await ask(server, "GET", f"{query}&limit=0", key)).json()
    assert (none["Items"], none["TotalRecordCount"]) == ([], shows.items["episode"])
    pages = [(await ask(server, "GET", f"{query}&startIndex={n * 7}&limit=7", key)).json() for n in range(3)]
    assert len({item["Id"] for page in pages for item in page["Items"]}) == 21
    assert {item["Type"] for page in pages for item in page["Items"]} == {"Episode"}
    movies = (await ask(server, "GET", "/Items?recursive=true&includeItemTypes=Movie,Series&limit=0", key)).json()
    assert movies["TotalRecordCount"] == counts["MovieCount"] + counts["SeriesCount"]
    gone = (await ask(server, "GET", f"/Items?recursive=true&parentId={NOBODY}&limit=0", key)).json()
    assert gone["TotalRecordCount"] == sum(sum(library.items.values()) for library in libraries)


async def test_a_guest_counts_only_what_they_see(server: JellyfinServer) -> None:
    guest = a_guest(server)
    seen = [library for library in server.state.libraries.values() if guest.sees(library)]
    total = sum(sum(library.items.values()) for library in seen)
    token = server.state.log_in(guest, "tests")
    for path, who in (
        ("/Items?recursive=true&limit=0", token),
        (f"/Items?recursive=true&limit=0&userId={guest.id}", ""),
    ):
        answer = await ask(server, "GET", path, who or server.state.api_key)
        assert answer.json()["TotalRecordCount"] == total


async def test_a_body_has_to_be_json(server: JellyfinServer) -> None:
    for kwargs, status in (({"data": {"Name": "form"}}, 415), ({"data": "{", "headers": JSON}, 400), ({}, 415)):
        assert (await ask(server, "POST", "/Users/New", server.state.api_key, **kwargs)).status_code == status
    assert server.journal.changes == []


async def test_unknown_requests_are_refused_and_remembered(server: JellyfinServer) -> None:
    assert (await ask(server, "GET", "/Emby/Nothing", server.state.api_key)).status_code == 404
    assert dict(server.requests.unknown) == {"GET /Emby/Nothing": 1}
