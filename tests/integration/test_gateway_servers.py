"""Media servers over the API: looked at when they are added, and their tokens never shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.support.gateways import Person, house
from tests.support.servers import BreakableNats


@pytest.fixture
async def outside() -> AsyncIterator[Neighbourhood]:
    async with running(make_household()) as neighbourhood:
        yield neighbourhood


@pytest.fixture
async def admin(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Person]:
    async with house(nats_server.url, postgres, folder) as home:
        person, _ = await home.gateway()
        yield await person.log_in()


def jellyfin(outside: Neighbourhood, **given: Any) -> dict[str, Any]:
    server = outside.jellyfin[0]
    usual = {"kind": "jellyfin", "name": "Attic", "url": server.url, "token": server.state.api_key}
    return usual | given


def plex(outside: Neighbourhood, **given: Any) -> dict[str, Any]:
    server = outside.plex[0]
    return {"kind": "plex", "name": "Cellar", "url": server.url, "token": server.owner_token} | given


async def test_a_server_is_looked_at_kept_changed_and_removed(
    admin: Person, outside: Neighbourhood, postgres: str
) -> None:
    token = outside.plex[0].owner_token
    for body in (plex(outside), jellyfin(outside)):
        status, server = await admin.post("/api/servers", **body)
        assert status == 201 and server["state"] == "up" and server["identifier"] and server["version"], server
        assert "token" not in server
    listed = (await admin.read("/api/servers"))["servers"]
    assert [server["name"] for server in listed] == ["Cellar", "Attic"]
    path = f"/api/servers/{listed[0]['id']}"
    status, changed = await admin.put(path, name="Basement", enabled=False)
    assert status == 200 and (changed["name"], changed["enabled"]) == ("Basement", False)
    assert (await admin.read(path))["name"] == "Basement"
    assert (await admin.post(f"{path}/check"))[1]["state"] == "up"
    await outside.plex[0].stop()
    assert (await admin.post(f"{path}/check"))[1]["state"] == "down"
    assert (await admin.delete(path))[0] == 204
    assert (await admin.get(path))[1]["code"] == "server_unknown"
    trail = str(await admin.read("/api/audit"))
    assert "server.add" in trail and "server.remove" in trail and token not in trail
    connection = await asyncpg.connect(postgres)
    try:
        kept = await connection.fetch("SELECT server::text FROM media.server")
    finally:
        await connection.close()
    assert outside.jellyfin[0].state.api_key not in str(kept)


async def test_a_server_with_something_wrong_is_refused_and_the_reason_told(
    admin: Person, outside: Neighbourhood
) -> None:
    async def refusal(body: dict[str, Any]) -> tuple[int, str, str]:
        status, problem = await admin.post("/api/servers", **body)
        return status, problem["code"], problem["detail"]

    assert (await refusal(jellyfin(outside, token="wrong")))[:2] == (422, "server_refused")
    assert (await refusal(plex(outside, url=outside.jellyfin[0].url)))[:2] == (422, "server_refused")
    assert (await refusal(plex(outside, url="http://127.0.0.1:9")))[:2] == (422, "server_refused")
    for url in ("ftp://here", "here", "", "http://user:secret@here", "http://here?X-Plex-Token=secret"):
        status, code, detail = await refusal(plex(outside, url=url))
        assert (status, code) == (400, "bad_body") and "secret@" not in detail, url
    assert (await admin.read("/api/servers"))["servers"] == []
    status, server = await admin.post("/api/servers", **plex(outside, url="http://127.0.0.1:9", unchecked=True))
    assert status == 201 and server["state"] == "down" and server["last_error"]


async def test_the_same_server_is_not_added_twice(admin: Person, outside: Neighbourhood) -> None:
    assert (await admin.post("/api/servers", **jellyfin(outside)))[0] == 201
    status, problem = await admin.post("/api/servers", **jellyfin(outside, name="Again"))
    assert (status, problem["code"]) == (409, "duplicate_server")
    assert (await admin.put(f"/api/servers/{uuid4()}", name="x"))[1]["code"] == "server_unknown"


async def test_a_wrong_token_is_not_taken_over(admin: Person, outside: Neighbourhood) -> None:
    _, server = await admin.post("/api/servers", **jellyfin(outside))
    path = f"/api/servers/{server['id']}"
    assert (await admin.put(path, token="wrong"))[1]["code"] == "server_refused"
    assert (await admin.post(f"{path}/check"))[1]["state"] == "up"


async def test_what_syncs_have_seen_is_listed(admin: Person) -> None:
    assert (await admin.read("/api/libraries"))["libraries"] == []
    assert await admin.read("/api/people?limit=5") == {"people": [], "total": 0, "next": None}
    assert await admin.read("/api/accounts") == {"accounts": [], "next": None}
    assert (await admin.get("/api/accounts", server="x"))[1]["code"] == "bad_parameter"
