"""The simulated Plex server, proven with python-plexapi, a client that was written for the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import requests
from plexapi.exceptions import NotFound, Unauthorized
from plexapi.myplex import MyPlexAccount

from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.simulators.plex_sessions import PlexPlaying
from tests.simulators.redirect import plex_session
from tests.support.plex_clients import account, blocking, libraries_of, server

pytestmark = pytest.mark.contract


@pytest.fixture
async def neighbourhood() -> AsyncIterator[Neighbourhood]:
    async with running(make_household()) as servers:
        yield servers


async def test_a_server_tells_who_it_is(neighbourhood: Neighbourhood) -> None:
    plex = neighbourhood.plex[0]
    found = await server(neighbourhood, plex)
    assert (found.friendlyName, found.machineIdentifier) == ("Attic", plex.machine.identifier)
    identity = await blocking(found.identity)
    assert (identity.machineIdentifier, identity.version) == (plex.machine.identifier, plex.machine.server.version)
    assert (await blocking(requests.get, f"{plex.url}/identity", timeout=5)).status_code == 200


async def test_libraries_and_how_much_they_hold(neighbourhood: Neighbourhood) -> None:
    plex = neighbourhood.plex[1]
    found = await server(neighbourhood, plex)
    sections = await libraries_of(found)
    expected = list(plex.machine.libraries.values())
    assert [(s.key, s.title, s.type) for s in sections] == [(e.key, e.title, e.kind) for e in expected]
    assert [await blocking(lambda s=s: s.totalSize) for s in sections] == [e.items[e.kind] for e in expected]
    shows = next(s for s in sections if s.type == "show")
    assert await blocking(shows.totalViewSize, "episode") == plex.machine.libraries[shows.key].items["episode"]


async def test_a_server_tells_who_is_playing(neighbourhood: Neighbourhood) -> None:
    plex, owner = neighbourhood.plex[0], neighbourhood.plex[0].machine.server.owner
    found = await server(neighbourhood, plex)
    assert await blocking(found.sessions) == []
    somebody = neighbourhood.plex_state.people[owner]
    plex.machine.sessions_playing.append(
        PlexPlaying(person=somebody, rating_key=7, title="Quiet Harbor", state="paused", offset_ms=9_000)
    )
    [playing] = await blocking(found.sessions)
    assert (playing.title, playing.usernames, playing.player.state) == ("Quiet Harbor", [somebody.title], "paused")
    assert (playing.viewOffset, playing.session.location) == (9_000, "lan")
    asked = {"X-Plex-Token": plex.owner_token, "Accept": "application/json"}
    answer = await blocking(requests.get, f"{plex.url}/status/sessions", headers=asked, timeout=5)
    [entry] = answer.json()["MediaContainer"]["Metadata"]
    assert (entry["User"]["title"], entry["Player"]["state"]) == (somebody.title, "paused")
    guest = next(share for share in plex.state.shares_of([plex.machine]) if share.accepted_at)
    refused = await blocking(requests.get, f"{plex.url}/status/sessions?X-Plex-Token={guest.token}", timeout=5)
    assert refused.status_code == 403


async def test_items_come_page_by_page_and_are_all_different(neighbourhood: Neighbourhood) -> None:
    plex = neighbourhood.plex[0]
    plex.state.set_items(plex.machine, 1, "movie", 230)
    found = await server(neighbourhood, plex)
    movies = await blocking(lambda: found.library.sectionByID(1).all())
    assert len(movies) == len({movie.ratingKey for movie in movies}) == 230
    assert plex.requests.count("GET", "/library/sections/1/all") >= 3


async def test_json_and_xml_say_the_same(neighbourhood: Neighbourhood) -> None:
    plex = neighbourhood.plex[0]
    headers = {"X-Plex-Token": plex.owner_token, "Accept": "application/json"}
    answer = await blocking(requests.get, f"{plex.url}/library/sections", headers=headers, timeout=5)
    found = await server(neighbourhood, plex)
    sections = await libraries_of(found)
    container = answer.json()["MediaContainer"]
    assert [d["key"] for d in container["Directory"]] == [str(section.key) for section in sections]
    assert container["Directory"][0]["Location"] == [{"id": 1, "path": "/media/movies"}]
    url = f"{plex.url}/library/sections/1/all?X-Plex-Container-Size=0"
    empty = (await blocking(requests.get, url, headers=headers, timeout=5)).json()["MediaContainer"]
    assert (empty["size"], empty["totalSize"]) == (0, plex.machine.libraries[1].items["movie"])


async def test_tokens_are_checked(neighbourhood: Neighbourhood) -> None:
    first, second = neighbourhood.plex
    for token in ("wrong", second.owner_token):
        with pytest.raises(Unauthorized):
            await server(neighbourhood, first, token)
    assert (await blocking(requests.get, f"{first.url}/", timeout=5)).status_code == 401
    client = {"X-Plex-Client-Identifier": "a test"}
    for path in ("/api/users", "/api/v2/user", "/users/account"):
        answer = await blocking(requests.get, f"{neighbourhood.plextv.url}{path}", headers=client, timeout=5)
        assert answer.status_code == 401
    with pytest.raises(Unauthorized):
        await blocking(MyPlexAccount, token="wrong", session=plex_session(neighbourhood.plextv.url))


async def test_unknown_requests_are_refused_and_remembered(neighbourhood: Neighbourhood) -> None:
    mine = await account(neighbourhood)
    with pytest.raises(NotFound):
        await blocking(mine.devices)
    assert list(neighbourhood.plextv.requests.unknown) == ["GET /devices.xml"]
