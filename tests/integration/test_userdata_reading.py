"""User data as each version of both servers has it: read in lists and one by one, written to the letter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.workers.clients.jellyfin_userdata import JellyfinUserData
from services.workers.shokofin.handler import OnEachServer
from services.workers.shokofin.places import open_place
from services.workers.shokofin.userdata.keeping import UserData
from services.workers.shokofin.userdata.remote import tells_viewings, viewings
from services.workers.shokofin.userdata.terms import History
from shared.outside.errors import Malformed, Refused
from shared.runtime.secrets import Secret
from tests.simulators.shoko_collection import stock
from tests.simulators.shoko_state import shoko_state
from tests.support.recorded import RecordedRun
from tests.support.shoko import shoko_client
from tests.support.viewing import Viewing, viewing
from tests.unit.test_userdata_rules import MINUTE, NEW, NOW, OLD, begun, seen, told

JELLYFINS = pytest.mark.parametrize("here", ["10.9.11", "10.11.11", "12.0.0"], indirect=True)
SHOKOS = pytest.mark.parametrize("version", ["4.2", "5.3", "6.0"])


@pytest.fixture
async def here(postgres: str, folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Viewing]:
    """The parameter is Jellyfin's version."""
    async with viewing(postgres, folder, lambda: NOW, jellyfin=getattr(request, "param", "10.11.11")) as opened:
        yield opened


async def opened(here: Viewing) -> JellyfinUserData:
    return JellyfinUserData((await open_place(here.anime.tools, here.anime.server)).media.requests)


@JELLYFINS
@pytest.mark.parametrize(
    "history", [seen(NEW), begun(NEW), History(position_ticks=MINUTE, count=3, played=True, last_played_at=NEW)]
)
async def test_what_is_written_on_jellyfin_is_read_again_and_taken_away_with_its_date(
    here: Viewing, history: History
) -> None:
    await here.join("kim")
    item = here.anime.fill("show", series=1, episodes=1)[0]
    media, user = await opened(here), here.user("kim").id
    await media.write(user, item.id, history)
    assert await media.read(user, item.id) == here.on_jellyfin("kim", item) == history
    await media.write(user, item.id, History(count=2, played=True))
    assert here.on_jellyfin("kim", item) == History(count=2, played=True)
    await media.write(user, item.id, History())
    assert here.on_jellyfin("kim", item) == History()


@JELLYFINS
async def test_what_a_user_does_not_see_is_not_there(here: Viewing) -> None:
    await here.join("kim")
    item = here.anime.fill("show", series=1, episodes=1)[0]
    media, user = await opened(here), here.user("kim").id
    assert any([item.id in page async for page in media.all(user)])
    here.blind("kim")
    assert await media.read(user, item.id) is None
    assert [page async for page in media.all(user)] == [{}]
    with pytest.raises(Refused) as refusal:
        await media.write(user, item.id, seen(OLD))
    assert refusal.value.status == 404


async def test_a_list_that_is_cut_short_is_no_list(here: Viewing) -> None:
    await here.join("kim")
    here.anime.fill("show", series=1, episodes=10)
    media = await opened(here)
    here.anime.jellyfin.faults.half("/Items")
    with pytest.raises(Malformed, match="the list changed meanwhile"):
        [page async for page in media.all(here.user("kim").id)]


@SHOKOS
async def test_shokos_list_tells_what_a_user_has_viewed_and_nobody_else(version: str) -> None:
    state = shoko_state(version=version, users=("kim", "ann", "bob"))
    stock(state.collection, series=2, files=12)
    state.watch("kim", 3, at=OLD)
    state.watch("kim", 7, at=NEW, watched=False, count=0, position=timedelta(minutes=1))
    state.watch("ann", 5, at=NEW)
    async with shoko_client(state) as (server, client):
        kim, bob = Secret(state.key_of("kim")), Secret(state.key_of("bob"))
        found = await viewings(client, kim)
        assert list(found) == ["7", "3"], "what was touched last comes first"
        for file in found:
            stats = await client.stats(kim, file)
            assert stats is not None and found[file].with_count(stats.count) == stats
        assert [len(page) async for page in client.viewings(kim, page=1)] == [1, 1, 0]
        assert await viewings(client, bob) == {}
        assert await tells_viewings(client, [bob, Secret("nobody's"), kim])
        assert not await tells_viewings(client, [bob])
        server.faults.answer("/api/v3/File", 404)
        assert not await tells_viewings(client, [kim])


async def test_what_is_too_much_for_one_run_is_done_by_the_next(here: Viewing) -> None:
    await here.join("kim")
    items = here.anime.fill("show", series=1, episodes=30)
    for item in items:
        here.told("kim", item, told(OLD))
    handler = OnEachServer(here.anime.tools, UserData(here.anime.tools, "import", most=20))
    first = await handler(RecordedRun("import_user_data"))
    done = sum(here.on_jellyfin("kim", item) == seen(OLD) for item in items)
    assert 20 <= done < 30
    assert first.summary.startswith(f"{done} imported to Jellyfin. {30 - done} more files are left to the next run")
    second = await handler(RecordedRun("import_user_data"))
    assert second.summary == f"{30 - done} imported to Jellyfin"
    assert [here.on_jellyfin("kim", item) for item in items] == [seen(OLD)] * 30
