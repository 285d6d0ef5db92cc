"""Shoko Servers over the API: looked at as others are, people mapped to their users, and none of it about access."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_state import shoko_state
from tests.support.gateways import Person, house
from tests.support.servers import BreakableNats


@pytest.fixture
async def shoko() -> AsyncIterator[ShokoServer]:
    async with ShokoServer(shoko_state(users=("kim", "ann"))) as server:
        yield server


@pytest.fixture
async def outside() -> AsyncIterator[Neighbourhood]:
    async with running(make_household()) as neighbourhood:
        yield neighbourhood


@pytest.fixture
async def admin(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Person]:
    async with house(nats_server.url, postgres, folder) as home:
        person, _ = await home.gateway()
        yield await person.log_in()


async def added(admin: Person, shoko: ShokoServer, name: str = "Shoko", **given: Any) -> dict[str, Any]:
    body = {"kind": "shoko", "name": name, "url": shoko.url, "token": shoko.state.admin_key} | given
    status, server = await admin.post("/api/servers", **body)
    assert status == 201, server
    return dict(server)


async def somebody(admin: Person, name: str) -> str:
    status, person = await admin.post("/api/people", name=name)
    assert status == 201, person
    return str(person["id"])


async def test_a_shoko_server_is_looked_at_and_kept(admin: Person, shoko: ShokoServer) -> None:
    server = await added(admin, shoko)
    assert (server["state"], server["real_name"], server["identifier"]) == ("up", "Shoko Server", "")
    assert server["version"].startswith("5.3") and server["shoko_id"] is None and "token" not in server
    status, problem = await admin.post(
        "/api/servers", kind="shoko", name="Again", url=f"{shoko.url}/", token=shoko.state.admin_key
    )
    assert (status, problem["code"]) == (409, "duplicate_server") and "Shoko has been added before" in problem["detail"]
    path = f"/api/servers/{server['id']}"
    status, problem = await admin.put(path, token=shoko.state.key_of("kim"))
    assert (status, problem["code"]) == (422, "server_refused")
    await shoko.stop()
    assert (await admin.post(f"{path}/check"))[1]["state"] == "down"


async def test_no_server_takes_the_address_of_another(admin: Person, shoko: ShokoServer) -> None:
    await added(admin, shoko)
    other = await added(admin, shoko, "Other", url="http://127.0.0.1:9", unchecked=True)
    for address in ({"url": f"{shoko.url}/"}, {"local_url": shoko.url}):
        status, problem = await admin.put(f"/api/servers/{other['id']}", **address, unchecked=True)
        assert (status, problem["code"]) == (409, "duplicate_server"), problem
    _, after = await admin.get(f"/api/servers/{other['id']}")
    assert (after["url"], after["local_url"]) == ("http://127.0.0.1:9", "")
    status, same = await admin.put(f"/api/servers/{other['id']}", url="http://127.0.0.1:9/", unchecked=True)
    assert status == 200 and same["url"] == "http://127.0.0.1:9/"


async def test_what_is_no_shoko_server_is_refused(admin: Person, shoko: ShokoServer, outside: Neighbourhood) -> None:
    attic = outside.jellyfin[0]
    for kind, url, token in (("shoko", attic.url, attic.state.api_key), ("plex", shoko.url, "x")):
        status, problem = await admin.post("/api/servers", kind=kind, name="x", url=url, token=token)
        assert (status, problem["code"]) == (422, "server_refused"), problem


async def test_a_jellyfin_server_names_the_shoko_server_behind_it(
    admin: Person, shoko: ShokoServer, outside: Neighbourhood
) -> None:
    behind = await added(admin, shoko)
    attic = outside.jellyfin[0]
    body = {"kind": "jellyfin", "name": "Attic", "url": attic.url, "token": attic.state.api_key}
    status, problem = await admin.post("/api/servers", **body, shoko_id=str(uuid4()))
    assert (status, problem["code"]) == (422, "bad_shoko")
    status, server = await admin.post("/api/servers", **body, shoko_id=behind["id"])
    assert (status, server["shoko_id"]) == (201, behind["id"])
    path = f"/api/servers/{server['id']}"
    assert (await admin.put(path, name="Loft"))[1]["shoko_id"] == behind["id"]
    assert (await admin.put(path, shoko_id=server["id"]))[1]["code"] == "bad_shoko"
    assert (await admin.put(path, shoko_id=None))[1]["shoko_id"] is None


async def test_a_person_is_mapped_by_logging_in_once(admin: Person, shoko: ShokoServer, postgres: str) -> None:
    people = f"/api/servers/{(await added(admin, shoko))['id']}/people"
    kim = await somebody(admin, "Kim")
    status, mapped = await admin.put(f"{people}/{kim}", username="KIM", password="pw-kim")
    assert status == 200, mapped
    assert (mapped["person"], mapped["username"], mapped["state"], mapped["changed_by"]) == (
        "Kim",
        "kim",
        "ok",
        "admin",
    )
    assert mapped["outside_id"] == str(shoko.state.named("kim").id)
    assert (await admin.read(people))["people"] == [mapped]
    key = shoko.state.log_in(shoko.state.named("kim"), "Showrunner")
    trail = str(await admin.read("/api/audit"))
    assert "shoko_user.set" in trail and key not in trail and "pw-kim" not in trail
    connection = await asyncpg.connect(postgres)
    try:
        kept = str(await connection.fetch("SELECT shoko_user::text FROM media.shoko_user"))
    finally:
        await connection.close()
    assert key not in kept and "pw-kim" not in kept
    assert (await admin.delete(f"{people}/{kim}"))[0] == 204
    assert (await admin.delete(f"{people}/{kim}"))[1]["code"] == "shoko_user_unknown"
    assert "shoko_user.remove" in str(await admin.read("/api/audit"))


async def test_a_person_is_mapped_by_a_key(admin: Person, shoko: ShokoServer) -> None:
    people = f"/api/servers/{(await added(admin, shoko))['id']}/people"
    kim = await somebody(admin, "Kim")
    status, mapped = await admin.put(f"{people}/{kim}", key=shoko.state.key_of("ann"))
    assert (status, mapped["username"]) == (200, "ann")


async def test_who_can_not_be_mapped_is_told_why(admin: Person, shoko: ShokoServer, outside: Neighbourhood) -> None:
    people = f"/api/servers/{(await added(admin, shoko))['id']}/people"
    kim, ann = await somebody(admin, "Kim"), await somebody(admin, "Ann")

    async def refusal(person: str, **body: Any) -> str:
        status, problem = await admin.put(f"{people}/{person}", **body)
        assert status >= 400, problem
        assert "guessed" not in str(problem)
        return str(problem["code"])

    assert await refusal(kim, username="kim", password="guessed") == "shoko_user_refused"
    assert await refusal(kim, key="guessed") == "shoko_user_refused"
    assert await refusal(str(uuid4()), username="kim", password="pw-kim") == "person_unknown"
    for body in ({}, {"key": "a", "username": "kim"}, {"key": "a", "password": "b"}, {"username": "a", "name": "b"}):
        assert await refusal(kim, **body) == "bad_body"
    assert (await admin.put(f"{people}/{kim}", username="kim", password="pw-kim"))[0] == 200
    assert await refusal(ann, username="kim", password="pw-kim") == "shoko_user_taken"
    await shoko.stop()
    assert await refusal(ann, username="ann", password="pw-ann") == "server_refused"
    attic = outside.jellyfin[0]
    _, jellyfin = await admin.post(
        "/api/servers", kind="jellyfin", name="Attic", url=attic.url, token=attic.state.api_key
    )
    assert (await admin.get(f"/api/servers/{jellyfin['id']}/people"))[1]["code"] == "server_unknown"


async def test_nothing_about_access_speaks_of_a_shoko_server(admin: Person, shoko: ShokoServer) -> None:
    server = await added(admin, shoko)
    assert (await admin.read("/api/access"))["rows"] == []
    assert (await admin.read(f"/api/access?server={server['id']}"))["rows"] == []
    assert (await admin.read("/api/libraries"))["libraries"] == []
    kim = await somebody(admin, "Kim")
    status, problem = await admin.post(f"/api/people/{kim}/invite", server_id=server["id"])
    assert (status, problem["code"]) == (409, "not_invitable") and "nobody gets access there" in problem["detail"]
