"""The client of a Shoko Server against the simulator, at each version that it can be: watch history, groups, keys."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.workers.shokofin.userdata.terms import Stats
from shared.outside.errors import Refused, Unauthorized, Unreachable
from shared.runtime.secrets import Secret
from tests.simulators.shoko_collection import stock
from tests.simulators.shoko_state import ShokoState, shoko_state
from tests.support.shoko import hasty_clients, shoko_client, shoko_row

VERSIONS = ("4.2", "5.3", "6.0")
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = 60 * 10_000_000
each_version = pytest.mark.parametrize("version", VERSIONS)


def shoko(version: str, *, nested: bool = False) -> ShokoState:
    state = shoko_state(version=version, users=("kim", "ann"))
    stock(state.collection, series=4, files=12, nested=nested)
    return state


@each_version
async def test_what_is_written_of_a_file_is_read_again_by_its_user_alone(version: str) -> None:
    state = shoko(version)
    async with shoko_client(state) as (_, client):
        kim, ann = Secret(state.key_of("kim")), Secret(state.key_of("ann"))
        assert await client.stats(kim, "3") is None
        begun = Stats(position_ticks=7 * MINUTE, count=1, last_updated_at=AT)
        await client.put_stats(kim, "3", begun)
        assert await client.stats(kim, "3") == begun
        assert await client.stats(ann, "3") is None


@each_version
async def test_a_position_and_a_watched_mark_are_cleared(version: str) -> None:
    state = shoko(version)
    async with shoko_client(state) as (_, client):
        kim = Secret(state.key_of("kim"))
        await client.put_stats(kim, "3", Stats(position_ticks=MINUTE, count=2, last_watched_at=AT, last_updated_at=AT))
        cleared = Stats(count=2, last_updated_at=AT)
        await client.put_stats(kim, "3", cleared)
        assert await client.stats(kim, "3") == cleared


@each_version
async def test_a_file_that_is_not_there_has_no_stats_and_takes_none(version: str) -> None:
    state = shoko(version)
    async with shoko_client(state) as (_, client):
        kim = Secret(state.key_of("kim"))
        assert await client.stats(kim, "999") is None
        with pytest.raises(Refused) as error:
            await client.put_stats(kim, "999", Stats(count=1, last_updated_at=AT))
        assert error.value.status == 404


@each_version
async def test_logging_in_gives_a_key_and_a_key_says_whose_it_is(version: str) -> None:
    state = shoko(version)
    async with shoko_client(state) as (_, client):
        key = await client.log_in("kim", Secret("pw-kim"))
        assert await client.log_in("kim", Secret("pw-kim")) == key
        user = await client.current_user(key)
        assert (user.id, user.username, user.admin) == (state.named("kim").id, "kim", False)
        with pytest.raises(Unauthorized, match="knows no user kim with this password"):
            await client.log_in("kim", Secret("guessed"))
        state.revoke(key.reveal())
        with pytest.raises(Unauthorized):
            await client.current_user(key)
        with pytest.raises(Unauthorized):
            await client.stats(key, "3")


@each_version
async def test_the_tree_of_groups_is_read(version: str) -> None:
    state = shoko(version, nested=True)
    async with shoko_client(state) as (_, client):
        leaf = await client.series_group("2")
        assert (leaf.id, leaf.parent_id, leaf.top_id) == (1002, 500, 500)
        top = await client.group(leaf.top_id)
        assert top.parent_id is None
        assert {group.id for group in await client.subgroups(500)} == {1001, 1002, 1003, 1004}
        assert await client.group_series(500) == []
        everything = await client.group_series(500, recursive=True)
        assert {(series.id, series.group_id) for series in everything} == {(n, 1000 + n) for n in (1, 2, 3, 4)}
        with pytest.raises(Refused) as error:
            await client.series_group("999")
        assert error.value.status == 404


@each_version
async def test_the_version_is_told_as_it_is_now(version: str) -> None:
    state = shoko(version)
    async with shoko_client(state) as (_, client):
        assert (await client.version()).startswith(version)
        state.version = "7.1"
        assert (await client.version()).startswith("7.1")


async def test_only_an_administrators_key_opens_the_server() -> None:
    state = shoko("5.3")
    async with shoko_client(state) as (server, _), hasty_clients() as clients:
        check = await clients.check(shoko_row(server.url), Secret(state.admin_key))
        assert (check.identifier, check.name) == ("", "Shoko Server") and check.version.startswith("5.3")
        with pytest.raises(Unauthorized):
            await clients.shoko(shoko_row(server.url), Secret(state.key_of("kim")))
        await server.stop()
        with pytest.raises(Unreachable):
            await clients.shoko(shoko_row(server.url), Secret(state.admin_key))


async def test_an_error_is_no_empty_history() -> None:
    state = shoko("5.3")
    async with shoko_client(state) as (_, client):
        key = state.key_of("kim")
        state.failing[key] = 500
        with pytest.raises(Refused):
            await client.stats(Secret(key), "3")
        with pytest.raises(Refused):
            await client.put_stats(Secret(key), "3", Stats(count=1, last_updated_at=AT))
        del state.failing[key]
        assert await client.stats(Secret(key), "3") is None
