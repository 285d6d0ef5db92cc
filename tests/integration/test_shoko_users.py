"""Who people are on Shoko Servers, and their keys, on a real database; and servers that have a Shoko Server behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.access.terms import AccessPolicy
from shared.backups.resealing import reseal
from shared.directory.accessbook import AccessBook
from shared.directory.directory import SCHEMA, Directory
from shared.directory.errors import NoSuchPerson, NoSuchServer, NoSuchShokoUser, NotItsShoko, ShokoUserTaken
from shared.directory.membership import Membership
from shared.directory.records import NewServer, ServerEdit, ServerKind, ShokoPerson, Sighting
from shared.directory.shokousers import ShokoUsers
from shared.directory.subscribers import PersonBody
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY, OTHER_KEY = Secret("11111111-aaaa"), Secret("22222222-bbbb")


class Books(NamedTuple):
    """The doors over one database."""

    pool: asyncpg.Pool
    directory: Directory
    membership: Membership
    users: ShokoUsers

    async def server(self, kind: ServerKind, name: str, shoko_id: UUID | None = None) -> UUID:
        new = NewServer(kind=kind, name=name, url=f"http://{name}", token=Secret("token"), shoko_id=shoko_id)
        return (await self.directory.add_server(new, Sighting(state="up"), AT)).id

    async def person(self, name: str) -> UUID:
        return (await self.membership.add_person(PersonBody(name=name), "ada")).id

    async def put(self, server: UUID, person: UUID, user: int, key: Secret = KEY) -> ShokoPerson:
        return await self.users.put(server, person, key, outside_id=str(user), username=f"user{user}", by="ada", at=AT)


@pytest.fixture
async def books(postgres: str, folder: Path) -> AsyncIterator[Books]:
    vault = Vault.from_file(folder / "key")
    async with open_pool(postgres, schema=SCHEMA) as pool:
        yield Books(pool, Directory(pool, vault), Membership(pool), ShokoUsers(pool, vault))


async def test_a_person_has_one_user_and_key_on_each_server(books: Books) -> None:
    one, two = await books.server("shoko", "One"), await books.server("shoko", "Two")
    kim, ann = await books.person("Kim"), await books.person("Ann")
    await books.put(one, kim, 3)
    await books.put(two, kim, 8, OTHER_KEY)
    await books.put(one, ann, 4)
    assert [(row.person, row.username, row.state) for row in await books.users.listed(one)] == [
        ("Ann", "user4", "ok"),
        ("Kim", "user3", "ok"),
    ]
    assert await books.users.key(two, kim) == OTHER_KEY
    again = await books.put(one, kim, 5, OTHER_KEY)
    assert (again.outside_id, await books.users.key(one, kim)) == ("5", OTHER_KEY)
    assert (await books.users.remove(one, kim)).username == "user5"
    for asked in (books.users.key, books.users.get, books.users.remove):
        with pytest.raises(NoSuchShokoUser):
            await asked(one, kim)


async def test_what_can_not_be_mapped_is_refused(books: Books) -> None:
    shoko, attic = await books.server("shoko", "Shoko"), await books.server("jellyfin", "Attic")
    kim, ann = await books.person("Kim"), await books.person("Ann")
    await books.put(shoko, kim, 3)
    with pytest.raises(ShokoUserTaken, match="Another person is user3"):
        await books.put(shoko, ann, 3)
    with pytest.raises(NoSuchPerson):
        await books.put(shoko, uuid4(), 4)
    for server in (attic, uuid4()):
        with pytest.raises(NoSuchServer):
            await books.put(server, kim, 3)


async def test_keys_are_sealed_each_for_its_row(books: Books) -> None:
    shoko = await books.server("shoko", "Shoko")
    kim, ann = await books.person("Kim"), await books.person("Ann")
    await books.put(shoko, kim, 3)
    await books.put(shoko, ann, 4, OTHER_KEY)
    kept = str(await books.pool.fetch("SELECT shoko_user::text, sealed FROM shoko_user"))
    assert KEY.reveal() not in kept and OTHER_KEY.reveal() not in kept


async def test_only_the_key_that_was_refused_is_marked(books: Books) -> None:
    shoko, kim = await books.server("shoko", "Shoko"), await books.person("Kim")
    await books.put(shoko, kim, 3)
    await books.put(shoko, kim, 3, OTHER_KEY)
    assert not await books.users.mark_revoked(shoko, kim, KEY)
    assert (await books.users.get(shoko, kim)).state == "ok"
    assert await books.users.mark_revoked(shoko, kim, OTHER_KEY)
    assert not await books.users.mark_revoked(shoko, kim, OTHER_KEY)
    assert (await books.users.get(shoko, kim)).state == "revoked"
    assert (await books.put(shoko, kim, 3)).state == "ok"


async def test_two_people_who_become_one_keep_a_key_that_can_be_read(books: Books) -> None:
    one, two = await books.server("shoko", "One"), await books.server("shoko", "Two")
    kim, kimberly = await books.person("Kim"), await books.person("Kimberly")
    await books.put(one, kim, 1)
    await books.put(one, kimberly, 2, OTHER_KEY)
    await books.put(two, kimberly, 3, OTHER_KEY)
    await books.membership.merge(kim, kimberly, by="ada", today=date(2026, 6, 1), policy=AccessPolicy())
    assert [row.outside_id for row in await books.users.listed(one)] == ["1"]
    assert await books.users.key(one, kim) == KEY
    assert await books.users.key(two, kim) == OTHER_KEY


async def test_keys_are_sealed_anew_with_everything_else(books: Books, postgres: str, folder: Path) -> None:
    shoko, kim = await books.server("shoko", "Shoko"), await books.person("Kim")
    await books.put(shoko, kim, 3)
    now = Vault.from_file(folder / "another")
    assert await reseal(postgres, Vault.from_file(folder / "key"), now) == 2
    assert await ShokoUsers(books.pool, now).key(shoko, kim) == KEY


async def test_a_server_that_goes_takes_its_users_and_is_behind_nothing(books: Books) -> None:
    shoko = await books.server("shoko", "Shoko")
    attic = await books.server("jellyfin", "Attic", shoko)
    await books.put(shoko, await books.person("Kim"), 3)
    await books.directory.remove_server(shoko)
    assert await books.users.listed(shoko) == []
    assert (await books.directory.server(attic)).shoko_id is None


async def test_only_a_shoko_server_is_behind_a_jellyfin_server(books: Books) -> None:
    shoko, plex = await books.server("shoko", "Shoko"), await books.server("plex", "Cellar")
    attic = await books.server("jellyfin", "Attic")
    directory = books.directory
    assert (await directory.change_server(attic, ServerEdit(shoko_id=shoko))).shoko_id == shoko
    assert (await directory.change_server(attic, ServerEdit(name="Loft"))).shoko_id == shoko
    for server, behind in ((attic, plex), (attic, uuid4()), (plex, shoko), (shoko, shoko)):
        with pytest.raises(NotItsShoko):
            await directory.change_server(server, ServerEdit(shoko_id=behind))
    with pytest.raises(NotItsShoko):
        await books.server("plex", "Barn", shoko)
    assert (await directory.change_server(attic, ServerEdit(shoko_id=None))).shoko_id is None


async def test_nobody_gets_access_on_a_shoko_server(books: Books) -> None:
    shoko = await books.server("shoko", "Shoko")
    with pytest.raises(NoSuchServer, match="nobody has access there"):
        await AccessBook(books.pool).servings(shoko)
    assert await books.directory.kinds() == {"shoko"}
