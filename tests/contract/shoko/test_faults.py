"""How the Shoko simulator fails, how it is stocked, and that it answers as the API is described."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import aiohttp
import pytest

from tests.contract.shoko.clients import EVENING, MINUTES, Client, shoko
from tests.contract.test_simulators_specs import Schema, faults_of
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_collection import MOST_NESTED, Collection, follow, series_of, stock
from tests.simulators.shoko_state import shoko_state

pytestmark = pytest.mark.contract


async def test_one_file_fails(server: ShokoServer, ann: Client) -> None:
    server.faults.answer("/api/v3/File/7/UserStats", 500)
    assert (await ann.put(7, {"WatchedCount": 1}))[0] == 500
    assert (await ann.put(8, {"WatchedCount": 1}))[0] == 200
    assert (server.state.stats_of("ann", 7), server.journal.count()) == (None, 1)


async def test_one_key_fails(server: ShokoServer, ann: Client, admin: Client) -> None:
    server.state.failing[server.state.key_of("ann")] = 503
    assert await ann.ask("/api/v3/File/1") == (503, "")
    assert (await ann.put(1, {}))[0] == 503
    assert (await admin.ask("/api/v3/File/1"))[0] == 200
    server.state.failing.clear()
    assert (await ann.ask("/api/v3/File/1"))[0] == 200
    assert not server.state.stats


async def test_a_put_whose_answer_is_lost_is_made(server: ShokoServer, ann: Client) -> None:
    server.faults.truncate("/api/v3/File/7/UserStats", method="PUT", times=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await ann.put(7, {"WatchedCount": 1})
    assert server.state.stats_of("ann", 7) is not None


def test_a_big_stock_is_made_quickly() -> None:
    names = [f"user {number}" for number in range(10)]
    state = shoko_state(users=names)
    started = time.process_time()
    stock(state.collection, series=4_000, files=50_000, nested=True)
    state.watch_all(names, at=EVENING)
    assert time.process_time() - started < 2
    assert (len(state.collection.files), len(state.stats)) == (50_000, 500_000)
    assert {len(files) for files in state.collection.local.values()} == {12, 13}
    assert state.collection.files[50_000].episodes == (50_000,)
    assert state.collection.series[4_000].group == 5_000
    assert state.collection.top(5_000).id == 900


def test_a_stock_is_shared_out_evenly_and_in_order() -> None:
    assert [series_of(file, series=3, files=7) for file in range(1, 8)] == [1, 1, 1, 2, 2, 3, 3]
    with pytest.raises(ValueError, match="nested"):
        stock(Collection(), series=MOST_NESTED + 1, files=0, nested=True)


def test_files_that_only_jellyfin_names_can_be_added() -> None:
    collection = Collection()
    stock(collection, series=2, files=6)
    names = [{"Shoko File": str(file), "Shoko Episode": "2", "Shoko Series": "1"} for file in (2, 7)]
    follow(collection, names)
    assert (collection.files[7].episodes, collection.local[1]) == ((2,), {1, 2, 3, 7})
    assert len(collection.files) == 7


SPECS = os.environ.get("SHOWRUNNER_SPECS", "")


@pytest.mark.skipif(not SPECS, reason="SHOWRUNNER_SPECS does not name a folder with the API descriptions")
async def test_4_2_answers_as_it_is_described(http: aiohttp.ClientSession) -> None:
    """By shoko-v3-2023.json, the OpenAPI document of that time."""
    spec: Schema = json.loads((Path(SPECS) / "shoko-v3-2023.json").read_text())
    async with shoko("4.2") as server:
        server.state.watch("admin", 5, at=EVENING, position=MINUTES)
        client = Client(http, server, server.state.admin_key)
        for path, route in (
            ("/Init/Version", "/Init/Version"),
            ("/Init/Status", "/Init/Status"),
            ("/User", "/User"),
            ("/User/Current", "/User/Current"),
            ("/File/5?includeXRefs=true", "/File/{fileID}"),
            ("/File/5/UserStats", "/File/{fileID}/UserStats"),
            ("/Series", "/Series"),
            ("/Series/2", "/Series/{seriesID}"),
            ("/Series/2/Group", "/Series/{seriesID}/Group"),
            ("/Group", "/Group"),
            ("/Group/500", "/Group/{groupID}"),
            ("/Group/500/Group", "/Group/{groupID}/Group"),
            ("/Filter/0/Group/500/Series?recursive=true", "/Filter/{filterID}/Group/{groupID}/Series"),
        ):
            status, answer = await client.ask(f"/api/v3{path}")
            schema = spec["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            assert (status, list(faults_of(schema, answer, spec))) == (200, []), path
            assert answer, path
