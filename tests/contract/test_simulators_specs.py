"""The simulators against the machine-readable API descriptions of Jellyfin (two versions) and of Plex.

The descriptions are no part of this project. SHOWRUNNER_SPECS names a folder that holds jellyfin-10.11.11.json,
jellyfin-12.0.0.json (Jellyfin's own OpenAPI documents) and plex.yaml (LukeHagar/plex-api-spec); without it these checks
are skipped.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest

from services.workers.access.presence import Wish
from tests.simulators.household import make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_plugin import PLUGIN_ID
from tests.simulators.jellyfin_shoko import shoko_library
from tests.simulators.jellyfin_state import POLICY, Playing, jellyfin_state
from tests.simulators.jellyfin_tasks import SCAN
from tests.simulators.neighbourhood import running
from tests.simulators.patterns import matches
from tests.simulators.plex_sessions import PlexPlaying
from tests.simulators.records import Asked
from tests.support.providers import bring, look, providers
from tests.support.waiting import wait_until

SPECS = os.environ.get("SHOWRUNNER_SPECS", "")
pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(not SPECS, reason="SHOWRUNNER_SPECS does not name a folder with the API descriptions"),
]
Schema = dict[str, Any]

OLD_JELLYFIN_ROUTES = {"/Users/{}/Views", "/Users/{}/Items", "/Users/{}/Password"}
"""Routes that Jellyfin still answers but no longer describes."""
WEB_SOCKET = "/socket"
"""A route that is no operation, and is described by its messages alone."""


def faults_of(schema: Schema, value: object, spec: Schema, where: str = "$") -> Iterator[str]:
    """What is wrong with `value` by an OpenAPI schema: types, required and forbidden properties, closed lists."""
    schema = _resolved(schema, spec)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if value is None:
        if not schema.get("nullable") and "null" not in kinds and "oneOf" not in schema:
            yield f"{where}: null"
    elif "oneOf" in schema:
        if all(any(faults_of(choice, value, spec)) for choice in schema["oneOf"]):
            yield f"{where}: fits no choice"
    elif kinds and not any(_is_a(kind, value) for kind in kinds):
        yield f"{where}: {value!r} is no {kinds}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from faults_of(schema.get("items", {}), entry, spec, f"{where}[{index}]")
    elif isinstance(value, dict):
        yield from _object_faults(schema, value, spec, where)


def _object_faults(schema: Schema, value: dict[str, object], spec: Schema, where: str) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value)
    for name, entry in value.items():
        if name in known:
            yield from faults_of(known[name], entry, spec, f"{where}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{where}.{name}: unknown"


def _resolved(schema: Schema, spec: Schema) -> Schema:
    if reference := schema.get("$ref"):
        found = spec
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return _resolved(found, spec)
    merged: Schema = {name: entry for name, entry in schema.items() if name != "allOf"}
    for part in schema.get("allOf", []):
        inherited = _resolved(part, spec)
        properties = inherited.get("properties", {}) | merged.get("properties", {})
        merged = inherited | merged
        if properties:
            merged["properties"] = properties
    return merged


def _is_a(kind: str, value: object) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    types: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "array": list,
        "object": dict,
    }
    return kind in types and isinstance(value, types[kind])


def answer_schema(spec: Schema, path: str, method: str = "get", status: str = "200") -> Schema:
    """The schema of an operation's answer. KeyError: the description knows no such operation."""
    content: Schema = spec["paths"][path][method]["responses"][status]["content"]
    schema: Schema = next(entry for kind, entry in content.items() if "json" in kind)["schema"]
    return schema


def specification(name: str) -> Schema:
    text = (Path(SPECS) / name).read_text(encoding="utf-8")
    if not name.endswith(".yaml"):
        return dict(json.loads(text))
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed, which reads the description of Plex")
    return dict(yaml.load(text, yaml.CSafeLoader))


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_jellyfin_answers_as_described(version: str) -> None:
    spec = specification(f"jellyfin-{version}.json")
    household = make_household()
    state = jellyfin_state(household, household.servers_of("jellyfin")[0].identifier)
    admin = state.administrator
    device = f'Client="t", Device="t", DeviceId="t", Version="1", Token="{state.log_in(admin, "t")}"'
    headers = {"Authorization": f"MediaBrowser {device}"}
    async with JellyfinServer(state, version=version) as server, aiohttp.ClientSession(headers=headers) as http:
        asked = [
            ("GET", "/System/Ping", "/System/Ping", None),
            ("GET", "/System/Info", "/System/Info", None),
            ("GET", "/System/Info/Public", "/System/Info/Public", None),
            ("GET", "/Library/VirtualFolders", "/Library/VirtualFolders", None),
            ("GET", "/Library/MediaFolders", "/Library/MediaFolders", None),
            ("GET", "/UserViews", "/UserViews", None),
            ("GET", "/Items/Counts", "/Items/Counts", None),
            ("GET", "/Items", "/Items?recursive=true&limit=50", None),
            ("GET", "/Users", "/Users", None),
            ("GET", "/Users/Public", "/Users/Public", None),
            ("GET", "/Users/Me", "/Users/Me", None),
            ("GET", "/Users/{userId}", f"/Users/{admin.id}", None),
            ("POST", "/Users/New", "/Users/New", {"Name": "newcomer", "Password": "x"}),
            ("POST", "/Users/AuthenticateByName", "/Users/AuthenticateByName", {"Username": "newcomer", "Pw": "x"}),
        ]
        for method, path, url, body in asked:
            async with http.request(method, server.url + url, json=body) as answer:
                assert answer.status == 200, path
                schema = answer_schema(spec, path, method.lower())
                assert list(faults_of(schema, await answer.json(), spec)) == [], path
        described = {_anonymous(path) for path in spec["paths"]}
        for _, pattern, _ in server.routes():
            assert _anonymous(pattern) in described | OLD_JELLYFIN_ROUTES | {WEB_SOCKET}


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_jellyfin_tells_of_items_and_tasks_as_described(version: str) -> None:
    spec = specification(f"jellyfin-{version}.json")
    household = make_household()
    state = jellyfin_state(household, household.servers_of("jellyfin")[0].identifier)
    shows = next(library for library in state.libraries.values() if library.kind == "show")
    first, *_, second = shoko_library(state, shows.item_id, series=2, episodes=4, doubles=1)
    admin, data = state.administrator, state.media.user_data(state.administrator.id, first.id)
    data.position, data.play_count, data.last_played, data.rating = 9, 2, state.now(), 7.0
    state.sessions_playing += [Playing(user=admin, item=first.id, at=state.now())]
    state.refreshing[shows.item_id] = 0.5
    state.tasks.begin(SCAN, 0.5)
    state.tasks.finish(SCAN, status="Failed", error="disk full")
    state.tasks.begin(SCAN, 0.25)
    item, user = first.id, f"?userId={admin.id}"
    every = "&".join(f"fields={name}" for name in spec["components"]["schemas"]["ItemFields"]["enum"])
    asked = [
        ("GET", "/Library/VirtualFolders", "/Library/VirtualFolders", None),
        ("GET", "/Items", f"/Items?recursive=true&parentId={shows.item_id}&userId={admin.id}&{every}", None),
        ("GET", "/Items/Counts", "/Items/Counts", None),
        ("GET", "/Items/{itemId}", f"/Items/{item}{user}", None),
        ("GET", "/UserItems/{itemId}/UserData", f"/UserItems/{item}/UserData{user}", None),
        ("POST", "/UserItems/{itemId}/UserData", f"/UserItems/{item}/UserData{user}", {"Likes": True, "Played": True}),
        ("POST", "/UserPlayedItems/{itemId}", f"/UserPlayedItems/{item}{user}", None),
        ("DELETE", "/UserPlayedItems/{itemId}", f"/UserPlayedItems/{item}{user}", None),
        ("POST", "/Collections", f"/Collections?name=Best&ids={item},{second.id}", None),
        ("GET", "/ScheduledTasks", "/ScheduledTasks", None),
        ("GET", "/ScheduledTasks/{taskId}", f"/ScheduledTasks/{state.tasks[SCAN].id}", None),
        ("GET", "/Sessions", "/Sessions", None),
        ("GET", "/Plugins", "/Plugins", None),
        ("GET", "/Plugins/{pluginId}/Configuration", f"/Plugins/{PLUGIN_ID}/Configuration", None),
    ]
    headers = {"Authorization": f'MediaBrowser Token="{state.api_key}"'}
    async with JellyfinServer(state, version=version) as server, aiohttp.ClientSession(headers=headers) as http:
        for method, path, url, body in asked:
            async with http.request(method, server.url + url, json=body) as answer:
                assert answer.status == 200, path
                schema = answer_schema(spec, path, method.lower())
                # What a plugin is configured with is the plugin's own affair.
                schema = {"type": "object"} if path.endswith("/Configuration") else schema
                assert list(faults_of(schema, await answer.json(), spec)) == [], path
        assert [list(undescribed(request, spec)) for request in server.requests.newest] == [[] for _ in asked]


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_jellyfins_web_socket_says_what_is_described(version: str) -> None:
    spec = specification(f"jellyfin-{version}.json")
    household = make_household()
    state = jellyfin_state(household, household.servers_of("jellyfin")[0].identifier)
    async with (
        JellyfinServer(state, version=version) as server,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{server.url}{WEB_SOCKET}?ApiKey={state.api_key}") as socket,
    ):
        for said in ({"MessageType": "KeepAlive"}, {"MessageType": "ScheduledTasksInfoStart", "Data": "0,1000"}):
            await socket.send_json(said)
        await wait_until(lambda: server.socket.listeners == 1, what="somebody who listens")
        state.tasks.begin(SCAN, 0.5)
        told = [await socket.receive_json(timeout=5) for _ in range(3)]
    for message, kind in zip(told, ("ForceKeepAlive", "OutboundKeepAlive", "ScheduledTasksInfo"), strict=True):
        described = spec["components"]["schemas"][f"{kind}Message"]
        assert message["MessageType"] == kind.removeprefix("Outbound")
        assert list(faults_of(described, message, spec)) == []


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
def test_a_policy_has_the_described_fields(version: str) -> None:
    spec = specification(f"jellyfin-{version}.json")
    described = spec["components"]["schemas"]["UserPolicy"]
    assert set(POLICY) == set(described["properties"])
    assert list(faults_of(described, POLICY, spec)) == []


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_what_we_ask_of_jellyfin_is_described(version: str) -> None:
    spec = specification(f"jellyfin-{version}.json")
    async with providers(jellyfin_version=version) as here:
        jellyfin, server, user = await here.jellyfin(), here.jellyfin_server, here.user()
        before = await look(jellyfin, user.id)
        await jellyfin.look(["0" * 31 + "1"])
        await jellyfin.apply(user.id, before, Wish(lock=True))
        await bring(jellyfin, user.id, Wish(restore=before.raw))
        await here.observe("jellyfin")
        asked = list(server.requests.newest)
    assert {"GET", "POST"} == {request.method for request in asked}
    for request in asked:
        assert list(undescribed(request, spec)) == [], f"{request.method} {request.path}"


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "fault"),
    [
        ("GET", "/Users/1/Nothing", "", None, "unknown path"),
        ("PATCH", "/Users/1", "", None, "unknown method"),
        ("GET", "/Users", "nobodyKnows", None, "?nobodyKnows: unknown"),
        ("POST", "/Users/1/Policy", "", POLICY | {"OfTomorrow": 1}, "$.OfTomorrow: unknown"),
        ("POST", "/Users/1/Policy", "", None, "a body where none is described, or none where one is"),
    ],
)
def test_a_request_that_is_not_described_is_found(method: str, path: str, query: str, body: object, fault: str) -> None:
    asked = Asked(method=method, path=path, query=frozenset(query.split()), body=body)
    assert list(undescribed(asked, specification("jellyfin-12.0.0.json"))) == [fault]


def undescribed(asked: Asked, spec: Schema) -> Iterator[str]:
    """What of a request an OpenAPI document does not know: its path, its method, names in its query, its body."""
    found = [path for path in spec["paths"] if matches(_pattern(path), asked.path)]
    if not found:
        yield "unknown path"
        return
    # A path without parameters is meant before one with them: /Users/Me.
    path = min(found, key=lambda path: path.count("{"))
    operation = spec["paths"][path].get(asked.method.lower())
    if operation is None:
        yield "unknown method"
        return
    parameters = [_resolved(entry, spec) for entry in operation.get("parameters", [])]
    named = {entry["name"].lower() for entry in parameters if entry["in"] == "query"}
    yield from (f"?{name}: unknown" for name in asked.query if name.lower() not in named)
    body = _resolved(operation.get("requestBody", {}), spec).get("content", {})
    if (asked.body is None) != (not body):
        yield "a body where none is described, or none where one is"
    elif body:
        schema = next(entry for kind, entry in body.items() if "json" in kind)["schema"]
        yield from faults_of(schema, asked.body, spec)


def _pattern(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "*", path)


async def test_plex_answers_as_described() -> None:
    spec = specification("plex.yaml")
    async with running(make_household()) as place, aiohttp.ClientSession() as http:
        plex = place.plex[0]
        owner = place.plex_state.people[plex.machine.server.owner]
        plex.machine.sessions_playing.append(PlexPlaying(person=owner, rating_key=1, title="Quiet Harbor"))
        headers = {"X-Plex-Token": plex.owner_token, "Accept": "application/json", "X-Plex-Client-Identifier": "a test"}
        asked = [
            ("/identity", f"{plex.url}/identity"),
            ("/", f"{plex.url}/"),
            ("/library/sections/all", f"{plex.url}/library/sections/all"),
            ("/library/sections/{sectionId}/all", f"{plex.url}/library/sections/1/all?X-Plex-Container-Size=20"),
            ("/status/sessions", f"{plex.url}/status/sessions"),
            ("/user", f"{place.plextv.url}/api/v2/user"),
            ("/resources", f"{place.plextv.url}/api/v2/resources"),
        ]
        for path, url in asked:
            async with http.get(url, headers=headers) as answer:
                assert answer.status == 200, path
                found = list(faults_of(answer_schema(spec, path), await answer.json(), spec))
                assert found == [], path


PLEXAPI_ALONE = {"/library/sections", "/api/servers/*", "/api/servers/*/shared_servers"}
"""What the description of Plex does not know, and python-plexapi asks for all the same."""


async def test_what_we_ask_of_plex_is_described() -> None:
    spec = specification("plex.yaml")
    described = {_pattern(path) for path in spec["paths"]} | PLEXAPI_ALONE
    async with providers() as here:
        await here.observe("plex")
        await bring(await here.plex(), str(here.guest().person), Wish(libraries=frozenset("1")))
        asked = [*here.plex_server.requests.newest, *here.plextv.requests.newest]
    for request in asked:
        if request.method == "GET":
            # plex.tv is described with its version in the address of the server.
            path = re.sub("^/api(/v2)?(?=/users|/user)", "", request.path)
            assert any(matches(pattern, path) for pattern in described), request.path


async def test_plex_tv_tells_of_users_what_is_described() -> None:
    spec = specification("plex.yaml")
    container = answer_schema(spec, "/users")["properties"]["MediaContainer"]
    user = container["properties"]["User"]["items"]
    server = user["properties"]["Server"]["items"]
    async with running(make_household()) as place, aiohttp.ClientSession() as http:
        headers = {"X-Plex-Token": place.plex[0].owner_token}
        async with http.get(f"{place.plextv.url}/api/users", headers=headers) as answer:
            root = ElementTree.fromstring(await answer.text())
    for schema, elements in ((container, [root]), (user, list(root)), (server, list(root.iter("Server")))):
        for element in elements:
            written = set(element.attrib) | {child.tag for child in element} | {"User", "Server"}
            assert set(schema["required"]) <= written
            assert set(element.attrib) <= set(schema["properties"])


def _anonymous(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
