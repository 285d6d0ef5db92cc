"""What is kept of how long servers were in one state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.directory.availability import Spell
from shared.directory.errors import NoSuchServer
from shared.directory.observation import ServerState
from shared.directory.records import NewServer, Server, ServerEdit, Sighting
from shared.runtime.secrets import Secret
from tests.support.household import AT, Household, open_household

HOUR = timedelta(hours=1)
LONG_AGO = AT - timedelta(days=400)


@pytest.fixture
async def home(postgres: str, folder: Path) -> AsyncIterator[Household]:
    async with open_household(postgres, folder) as opened:
        yield opened


@pytest.fixture
async def attic(home: Household) -> Server:
    new = NewServer(kind="plex", name="attic", url="http://attic", token=Secret("token"))
    return await home.directory.add_server(new, Sighting(state="up"), AT)


async def note(home: Household, server: Server, state: ServerState, at: datetime, error: str = "") -> None:
    await home.directory.note_sighting(server.id, Sighting(state=state, error=error), at)


async def spells(
    home: Household, server: Server, since: datetime = LONG_AGO
) -> list[tuple[str, datetime, datetime | None]]:
    found = await home.directory.spells(server.id, since)
    return [(spell.state, spell.since, spell.until) for spell in reversed(found)]


async def test_a_spell_lasts_until_the_server_is_found_otherwise(home: Household, attic: Server) -> None:
    await note(home, attic, "up", AT + HOUR)
    await note(home, attic, "down", AT + 2 * HOUR, "gone")
    await note(home, attic, "down", AT + 3 * HOUR, "still gone")
    await note(home, attic, "up", AT + 4 * HOUR)
    assert await home.directory.spells(attic.id, AT + 3 * HOUR) == [
        Spell(state="up", since=AT + 4 * HOUR, until=None),
        Spell(state="down", since=AT + 2 * HOUR, until=AT + 4 * HOUR, error="gone"),
    ]
    assert (await spells(home, attic))[0] == ("up", AT, AT + 2 * HOUR)


async def test_what_a_clock_behind_tells_comes_after_what_was_told(home: Household, attic: Server) -> None:
    await note(home, attic, "down", AT - HOUR)
    assert await spells(home, attic) == [("up", AT, AT), ("down", AT, None)]


async def test_of_many_who_look_at_once_each_finds_one_spell_that_lasts(home: Household, attic: Server) -> None:
    seen: list[ServerState] = ["up", "down", "unauthorized", "unknown"] * 3
    await asyncio.gather(*(note(home, attic, state, AT + number * HOUR) for number, state in enumerate(seen)))
    found = await spells(home, attic)
    assert [until for _, _, until in found].count(None) == 1 and found[-1][2] is None
    assert found[-1][0] == (await home.directory.server(attic.id)).state
    assert [until for _, _, until in found[:-1]] == [since for _, since, _ in found[1:]], "no gap, no overlap"


async def test_a_disabled_server_is_not_known_until_it_is_looked_at_again(home: Household, attic: Server) -> None:
    await home.directory.change_server(attic.id, ServerEdit(enabled=False))
    ((_, _, until),) = await spells(home, attic)
    assert until is not None
    await note(home, attic, "up", AT + HOUR)
    assert len(await spells(home, attic)) == 1
    await home.directory.change_server(attic.id, ServerEdit(enabled=True))
    assert len(await spells(home, attic)) == 1
    await note(home, attic, "up", until + HOUR)
    assert (await spells(home, attic))[1] == ("up", until + HOUR, None)


async def test_a_server_that_is_not_there_has_none(home: Household, attic: Server) -> None:
    with pytest.raises(NoSuchServer):
        await home.directory.spells(uuid4(), AT)
    await home.directory.remove_server(attic.id)
    assert await home.pool.fetchval("SELECT count(*) FROM server_spell") == 0
