"""The directory on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from msgspec import structs

from shared.directory.directory import SCHEMA, Directory, migrate_media
from shared.directory.errors import Doubtful, DuplicateServer, NoSuchServer
from shared.directory.membership import Membership
from shared.directory.observation import Observation, SeenAccount, SeenLibrary
from shared.directory.records import Account, NewServer, Server, ServerEdit, ServerKind, Sighting
from shared.directory.subscribers import PeopleQuery
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault, WrongKey

pytestmark = pytest.mark.official

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
async def pool(postgres: str) -> AsyncIterator[asyncpg.Pool]:
    await migrate_media(postgres)
    async with open_pool(postgres, schema=SCHEMA) as opened:
        yield opened


@pytest.fixture
def directory(pool: asyncpg.Pool, folder: Path) -> Directory:
    return Directory(pool, Vault.from_file(folder / "key"))


async def added(directory: Directory, name: str, kind: ServerKind = "plex", **more: Any) -> Server:
    new = NewServer(kind=kind, name=name, url=f"http://{name}", token=Secret(f"token of {name}"), **more)
    return await directory.add_server(new, Sighting(state="up", identifier=f"id of {name}", real_name=name), AT)


async def people(pool: asyncpg.Pool) -> int:
    """How many there are."""
    return await Membership(pool).count(PeopleQuery())


def seen(name: str, accounts: int = 3, libraries: int = 2) -> Observation:
    everything = frozenset(str(number) for number in range(libraries))
    return Observation(
        identifier=f"id of {name}",
        real_name=name,
        version="1",
        libraries=tuple(SeenLibrary(outside_id=key, title="Movies", kind="movies", item_count=7) for key in everything),
        accounts=tuple(
            SeenAccount(outside_id=str(number), username=f"u{number}", title="Kim", role="friend", last_active_at=AT)
            for number in range(accounts)
        ),
        access={str(number): everything for number in range(accounts)},
    )


async def test_a_server_is_kept_as_it_was_given_and_its_token_sealed(directory: Directory, pool: asyncpg.Pool) -> None:
    server = await added(directory, "attic", local_url="http://10.0.0.2", public_url="http://attic")
    assert await directory.server(server.id) == server
    assert server.addresses == ("http://attic", "http://10.0.0.2")
    assert (await directory.token(server.id)).reveal() == "token of attic"
    assert b"token of attic" not in await pool.fetchval("SELECT token FROM server")
    assert "token of" not in repr(server)
    assert await directory.kinds() == {"plex"}


async def test_a_token_that_is_moved_to_another_row_opens_nothing(directory: Directory, pool: asyncpg.Pool) -> None:
    one, other = await added(directory, "attic"), await added(directory, "cellar")
    await pool.execute("UPDATE server SET token = (SELECT token FROM server WHERE id = $1)", one.id)
    assert (await directory.token(one.id)).reveal() == "token of attic"
    with pytest.raises(WrongKey):
        await directory.token(other.id)


async def test_a_server_is_changed_in_what_is_given_alone(directory: Directory) -> None:
    server = await added(directory, "attic", local_url="http://10.0.0.2")
    changed = await directory.change_server(server.id, ServerEdit(name="Loft", local_url="", token=Secret("new")))
    assert changed == structs.replace(server, name="Loft", local_url="")
    assert (await directory.token(server.id)).reveal() == "new"


async def test_one_machine_is_one_server(directory: Directory) -> None:
    await added(directory, "attic")
    with pytest.raises(DuplicateServer, match="has been added before"):
        await added(directory, "attic")
    other = await added(directory, "cellar")
    with pytest.raises(DuplicateServer):
        await directory.note_sighting(other.id, Sighting(state="up", identifier="id of attic"), AT)
    assert [server.name for server in await directory.servers()] == ["attic", "cellar"]


async def test_a_server_that_is_not_there_is_an_error(directory: Directory) -> None:
    nobody = uuid4()
    for ask in (
        directory.server(nobody),
        directory.token(nobody),
        directory.change_server(nobody, ServerEdit(name="x")),
        directory.remove_server(nobody),
        directory.note_sighting(nobody, Sighting(state="up"), AT),
        directory.known(nobody),
        directory.observe(nobody, seen("attic")),
    ):
        with pytest.raises(NoSuchServer):
            await ask


async def test_a_state_knows_since_when_it_holds(directory: Directory) -> None:
    server = await added(directory, "attic")
    later, latest = AT + timedelta(hours=1), AT + timedelta(hours=2)
    await directory.note_sighting(server.id, Sighting(state="down", error="gone"), later)
    noted = await directory.note_sighting(server.id, Sighting(state="down", error="still gone"), latest)
    assert (noted.state, noted.state_since, noted.last_seen_at) == ("down", later, AT)
    assert (noted.last_error, noted.real_name, noted.identifier) == ("still gone", "attic", "id of attic")


async def test_an_observation_is_written_once_whoever_writes_it(directory: Directory, pool: asyncpg.Pool) -> None:
    server = await added(directory, "attic")
    results = await asyncio.gather(*(directory.observe(server.id, seen("attic")) for _ in range(4)))
    # Two libraries, three accounts, and what each of these sees; the version is news, but was not known before.
    assert sorted(len(differences) for differences in results) == [0, 0, 0, 8]
    assert await pool.fetchval("SELECT count(*) FROM account") == 3


async def test_two_servers_that_show_the_same_people_at_once_share_them(
    directory: Directory, pool: asyncpg.Pool
) -> None:
    attic, cellar = await added(directory, "attic"), await added(directory, "cellar")
    await asyncio.gather(
        directory.observe(attic.id, seen("attic")), directory.observe(cellar.id, seen("cellar", accounts=4))
    )
    assert await people(pool) == 4
    assert len(await directory.accounts()) == 7


async def test_equal_ids_on_jellyfin_servers_are_different_people(directory: Directory, pool: asyncpg.Pool) -> None:
    for name in ("attic", "cellar"):
        server = await added(directory, name, "jellyfin")
        await directory.observe(server.id, seen(name))
        await directory.observe(server.id, structs.replace(seen(name), version="2"))
    assert await people(pool) == 6


async def test_what_can_hardly_be_true_is_not_written(directory: Directory) -> None:
    server = await added(directory, "attic")
    await directory.observe(server.id, seen("attic"))
    before = await directory.known(server.id)
    nothing = structs.replace(seen("attic"), libraries=(), accounts=(), access={})
    for attempt in (directory.observe(server.id, nothing), directory.compare(server.id, nothing)):
        with pytest.raises(Doubtful, match="lists no library, where 2 were known"):
            await attempt
    with pytest.raises(Doubtful, match="another server"):
        await directory.observe(server.id, seen("cellar"))
    assert await directory.known(server.id) == before
    await directory.observe(server.id, nothing, believe_empty=True)
    assert await directory.libraries() == []


async def test_comparing_tells_what_observing_would_and_writes_nothing(directory: Directory) -> None:
    server = await added(directory, "attic")
    told = await directory.compare(server.id, seen("attic"))
    assert (await directory.known(server.id)).accounts == {}
    assert await directory.observe(server.id, seen("attic")) == told


async def test_pages_hold_everybody_once(directory: Directory) -> None:
    server = await added(directory, "attic")
    await directory.observe(server.id, seen("attic", accounts=25))
    accounts: list[Account] = []
    while page := await directory.accounts(server.id, after=accounts[-1].id if accounts else None, limit=10):
        accounts += page
    assert len({account.id for account in accounts}) == len(accounts) == 25


async def test_a_removed_server_takes_its_accounts_and_leaves_the_people(
    directory: Directory, pool: asyncpg.Pool
) -> None:
    server = await added(directory, "attic")
    await directory.observe(server.id, seen("attic"))
    await directory.remove_server(server.id)
    assert await directory.accounts() == []
    assert await directory.libraries() == []
    assert await people(pool) == 3
