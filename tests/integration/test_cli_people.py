"""The command line on servers and people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.gateway_people import Neighbours, neighbours
from tests.support.servers import BreakableNats
from tests.support.terminals import Terminal

pytestmark = pytest.mark.slow


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as town:
        yield town


@pytest.fixture
async def terminal(town: Neighbours, folder: Path) -> Terminal:
    _, made = await town.admin.post("/api/tokens", name="shell", role="admin")
    return Terminal(folder, SHOWRUNNER_URL=town.admin.url, SHOWRUNNER_TOKEN=made["token"])


async def test_people_are_listed_found_and_shown(town: Neighbours, terminal: Terminal) -> None:
    await town.server("attic", accounts={"Kim": "FS", "Tim": "M"})
    listed = await terminal("people")
    assert listed.status == 0 and "Kim" in listed.out and "tim@example.org" in listed.out
    found = await terminal("people", "kim", "--server", "attic", "--json")
    assert [person["name"] for person in found.json["people"]] == ["Kim"]
    shown = await terminal("person", "kim@example.org")
    assert "Films, Series" in shown.out and "left as found on the servers" in shown.out
    as_json = await terminal("person", "Kim", "--json")
    assert as_json.json["person"]["name"] == "Kim" and as_json.json["access"]["accounts"]
    assert "Nobody fits" in (await terminal("people", "zoe")).out
    assert (await terminal("people", "--limit", "1")).out.count("@example.org") == 1


async def test_what_is_decided_about_a_person(town: Neighbours, terminal: Terminal) -> None:
    await town.server("attic", accounts={"Kim": "FS"})
    refused = await terminal("renew", "Kim")
    assert refused.status == 1 and "no subscription" in refused.err
    kim = await town.person("Kim")
    await town.admin.put(f"/api/people/{kim['id']}/subscription", expires_on="2030-01-01")
    renewed = await terminal("renew", "Kim", "--days", "31")
    assert renewed.out == "Kim is active, until 2030-02-01.\n"
    assert "Kim is suspended" in (await terminal("suspend", "Kim", "--reason", "asked for it")).out
    assert "asked for it" in (await terminal("person", "Kim")).out
    assert "Kim is active" in (await terminal("unsuspend", "Kim")).out


async def test_people_who_are_not_there_or_several(town: Neighbours, terminal: Terminal) -> None:
    await town.server("attic", accounts={"Kim One": "F", "Kim Two": "F"})
    several = await terminal("person", "kim")
    assert several.status == 2 and "Kim One" in several.err and "Kim Two" in several.err
    for words in (("person", "zoe"), ("people", "--plan", "gold"), ("people", "--server", "cellar")):
        assert (await terminal(*words)).status == 5


async def test_servers_are_added_checked_and_removed(town: Neighbours, terminal: Terminal) -> None:
    assert "servers add" in (await terminal("servers")).out
    refused = await terminal("servers", "add", "plex", "Attic", "http://127.0.0.1:9", stdin="secret\n")
    assert refused.status == 1 and "secret" not in refused.err
    added = await terminal("servers", "add", "plex", "Attic", "http://127.0.0.1:9", "--unchecked", stdin="secret\n")
    assert added.status == 0 and "Attic was added" in added.out
    checked = await terminal("servers", "check", "attic")
    assert checked.status == 1 and "down" in checked.out
    assert (await terminal("servers", "check", "--json")).json["servers"][0]["name"] == "Attic"
    assert (await terminal("servers", "remove", "Attic")).status == 2
    assert (await terminal("servers", "remove", "Attic", "--yes")).status == 0
    assert (await terminal("servers", "remove", "Attic", "--yes")).status == 5
    assert (await terminal("servers", "--json")).json == {"servers": []}


async def test_the_shoko_server_behind_a_server_is_named_and_shown(terminal: Terminal) -> None:
    async def add(*words: str) -> int:
        where = ("http://127.0.0.1:9", "--unchecked")
        return (await terminal("servers", "add", *words, *where, stdin="secret\n")).status

    assert await add("shoko", "Anime") == 0
    assert await add("jellyfin", "Attic", "--shoko", "anime") == 0
    assert await add("plex", "Cellar", "--shoko", "Anime") == 1
    assert await add("jellyfin", "Barn", "--shoko", "nothing") == 5
    listed = await terminal("servers")
    assert "jellyfin with Anime" in listed.out and "Cellar" not in listed.out
