"""Over the API: how much of the time servers were up, and how long history is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.support.gateways import Person, house
from tests.support.servers import BreakableNats

NOW = datetime.now(UTC)


@pytest.fixture
async def admin(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Person]:
    async with house(nats_server.url, postgres, folder) as home:
        person, _ = await home.gateway()
        yield await person.log_in()


async def add_server(admin: Person) -> str:
    body = {"kind": "plex", "name": "Attic", "url": "http://127.0.0.1:9", "token": "x", "unchecked": True}
    status, server = await admin.post("/api/servers", **body)
    assert status == 201, server
    return f"/api/servers/{server['id']}"


async def test_a_server_that_was_up_until_lately_shows_it(admin: Person, postgres: str) -> None:
    path = await add_server(admin)
    fresh = await admin.read(f"{path}/availability")
    assert len(fresh["days"]) == 30 and [spell["state"] for spell in fresh["spells"]] == ["down"]
    assert {day["up_share"] for day in fresh["days"][:-1]} == {None} and fresh["up_share"] == 0
    connection = await asyncpg.connect(postgres)
    try:
        await connection.execute(
            "INSERT INTO media.server_spell (server_id, state, since, until)"
            " SELECT server_id, 'up', since - interval '40 days', since FROM media.server_spell"
        )
    finally:
        await connection.close()
    found = await admin.read(f"{path}/availability?days=10")
    assert [(day["up_share"], day["known_share"]) for day in found["days"][:-1]] == [(1.0, 1.0)] * 9
    assert 0.9 < found["up_share"] < 1 and [spell["state"] for spell in found["spells"]] == ["down", "up"]
    assert found["spells"][0]["until"] is None and "nothing listens" in found["spells"][0]["error"]
    assert datetime.fromisoformat(found["since"]) > NOW - timedelta(days=11)


async def test_a_server_that_is_not_there_and_too_many_days_are_refused(admin: Person) -> None:
    assert (await admin.get(f"/api/servers/{uuid4()}/availability"))[1]["code"] == "server_unknown"
    path = await add_server(admin)
    for days in ("0", "367", "x"):
        assert (await admin.get(f"{path}/availability", days=days))[1]["code"] == "bad_parameter", days


async def test_how_long_history_is_kept_is_set_and_remembered_by_whom(admin: Person) -> None:
    settings = await admin.read("/api/settings")
    assert settings["history"]["runs"] == 90 and settings["history"]["audit"] == 0
    history = settings["history"] | {"runs": 7, "deliveries": 0}
    status, changed = await admin.put("/api/settings", history=history)
    assert status == 200 and changed == settings | {"history": history}
    row = (await admin.read("/api/audit"))["audit"][0]
    assert (row["action"], row["before"], row["after"]) == ("settings.history", settings["history"], history)
    for wrong in ({"runs": 3}, {"deliveries": 59}, {"audit": -1}, {"cats": 9}):
        status, problem = await admin.put("/api/settings", history=history | wrong)
        assert (status, problem["code"]) == (400, "bad_body"), wrong
    assert (await admin.read("/api/settings"))["history"] == history
