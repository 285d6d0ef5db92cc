"""The places where work on anime is done: what belongs to a Jellyfin server, and what can't be had just now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from services.workers.maintenance.servers import CheckServers
from services.workers.shokofin.places import open_place, shoko_behind
from shared.directory.errors import NoShoko
from shared.directory.records import NewServer, ServerEdit, Sighting
from shared.outside.errors import Unreachable
from shared.runtime.secrets import Secret
from tests.support.anime import Anime, anime
from tests.support.recorded import RecordedRun
from tests.support.shoko import AT, shoko_row


@pytest.fixture
async def world(postgres: str, folder: Path) -> AsyncIterator[Anime]:
    async with anime(postgres, folder) as made:
        yield made


async def test_a_place_has_the_plugin_as_it_is_set_up_and_the_shoko_server_behind_it(world: Anime) -> None:
    world.plugin(AutoMergeVersions=False, CollectionGrouping="Shared", CollectionMinSizeOfTwo=False)
    place = await open_place(world.tools, world.server)
    assert place.plugin is not None and place.plugin.status == "Active"
    assert (place.plugin.auto_merges, place.plugin.grouping, place.plugin.pairs_only) == (False, "Shared", False)
    assert place.shoko is not None and place.shoko.kind == "shoko"
    assert (await place.needed_shoko().version()).startswith("5.3")


async def test_without_the_plugin_there_is_a_place_all_the_same(world: Anime) -> None:
    world.state.plugins.clear()
    assert (await open_place(world.tools, world.server)).plugin is None


async def test_a_shoko_server_that_is_down_or_off_stops_only_what_needs_it(world: Anime) -> None:
    (shoko,) = await world.tools.directory.servers("shoko")
    await world.tools.directory.change_server(shoko.id, ServerEdit(enabled=False))
    place = await open_place(world.tools, world.server)
    assert place.shoko_client is None
    with pytest.raises(Unreachable, match="is switched off"):
        place.needed_shoko()
    await world.tools.directory.change_server(shoko.id, ServerEdit(enabled=True))
    await world.shoko.stop()
    with pytest.raises(Unreachable, match="can't be reached"):
        (await open_place(world.tools, world.server)).needed_shoko()


async def test_of_two_shoko_servers_one_has_to_be_named(world: Anime) -> None:
    directory = world.tools.directory
    (first,) = await directory.servers("shoko")
    new = NewServer(kind="shoko", name="Second", url=world.shoko.url, token=Secret(world.shoko.state.admin_key))
    await directory.add_server(new, Sighting(state="up"), AT)
    with pytest.raises(NoShoko, match="which Shoko Server is behind Attic"):
        (await open_place(world.tools, world.server)).needed_shoko()
    attic = await directory.change_server(world.server.id, ServerEdit(shoko_id=first.id))
    place = await open_place(world.tools, attic)
    assert place.shoko is not None and place.shoko.id == first.id


async def test_shoko_servers_are_watched_as_others_are(world: Anime) -> None:
    check = CheckServers(world.tools.directory, world.tools.clients)
    assert "2 servers: 2 up" in (await check(RecordedRun("check_servers"))).summary
    (shoko,) = await world.tools.directory.servers("shoko")
    assert (shoko.state, shoko.real_name, shoko.version) == ("up", "Shoko Server", "5.3.0.0")
    world.shoko.state.keys.clear()
    await check(RecordedRun("check_servers"))
    assert (await world.tools.directory.server(shoko.id)).state == "unauthorized"


def test_the_shoko_behind_a_server_is_the_one_it_names_or_the_only_one() -> None:
    one, two, server = shoko_row("http://one"), shoko_row("http://two"), shoko_row("http://attic")
    assert shoko_behind(server, [one]) == one
    assert shoko_behind(server, [one, two]) is None and shoko_behind(server, []) is None
    named = structs.replace(server, shoko_id=two.id)
    assert shoko_behind(named, [one, two]) == two
    assert shoko_behind(named, [one]) is None
