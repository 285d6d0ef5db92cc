"""Queries of the table `shoko_user`."""

from __future__ import annotations

from uuid import UUID

import asyncpg
from msgspec import Struct

from . import people, servers
from .errors import NoSuchServer, NoSuchShokoUser, ShokoUserTaken
from .records import ShokoPerson
from .servers import Connection

COLUMNS = "server_id, person_id, person.name AS person, outside_id, username, shoko_user.state, changed_at, changed_by"
LIST = f"""
    SELECT {COLUMNS} FROM shoko_user JOIN person ON person.id = person_id
    WHERE server_id = $1 AND ($2::uuid IS NULL OR person_id = $2) ORDER BY person.name, person_id
"""
KEY = "SELECT id, sealed FROM shoko_user WHERE server_id = $1 AND person_id = $2"
PUT = """
    INSERT INTO shoko_user (id, server_id, person_id, outside_id, username, sealed, changed_at, changed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (server_id, person_id) DO UPDATE SET id = excluded.id, outside_id = excluded.outside_id,
        username = excluded.username, sealed = excluded.sealed, state = 'ok', changed_at = excluded.changed_at,
        changed_by = excluded.changed_by
"""
# Only the key that was refused: another may have been entered meanwhile.
REVOKE = """
    UPDATE shoko_user SET state = 'revoked' WHERE server_id = $1 AND person_id = $2 AND id = $3 AND state = 'ok'
    RETURNING true
"""
REMOVE = "DELETE FROM shoko_user WHERE server_id = $1 AND person_id = $2"
MOVE = """
    UPDATE shoko_user SET person_id = $2 WHERE person_id = $1 AND NOT EXISTS (
        SELECT FROM shoko_user AS own WHERE own.server_id = shoko_user.server_id AND own.person_id = $2
    )
"""


class SealedKey(Struct, frozen=True, kw_only=True):
    """A key as it is kept; it is sealed for `id`."""

    id: UUID
    sealed: bytes


async def listed(connection: Connection, server_id: UUID) -> list[ShokoPerson]:
    """The people who are known on a Shoko Server, by name."""
    return [ShokoPerson(**row) for row in await connection.fetch(LIST, server_id, None)]


async def get(connection: Connection, server_id: UUID, person_id: UUID) -> ShokoPerson:
    """Who a person is on a Shoko Server. NoSuchShokoUser."""
    row = await connection.fetchrow(LIST, server_id, person_id)
    if row is None:
        raise _missing(person_id)
    return ShokoPerson(**row)


async def key(connection: Connection, server_id: UUID, person_id: UUID) -> SealedKey:
    """A person's key. NoSuchShokoUser."""
    row = await connection.fetchrow(KEY, server_id, person_id)
    if row is None:
        raise _missing(person_id)
    return SealedKey(**row)


async def put(connection: Connection, user: ShokoPerson, key: SealedKey) -> None:
    """Keep who a person is, in place of what was known. NoSuchServer; NoSuchPerson; ShokoUserTaken."""
    if (await servers.get(connection, user.server_id)).kind != "shoko":
        raise NoSuchServer(f"{user.server_id} is no Shoko Server: only there people have a Shoko user")
    values = (user.server_id, user.person_id, user.outside_id, user.username, key.sealed)
    try:
        await connection.execute(PUT, key.id, *values, user.changed_at, user.changed_by)
    except asyncpg.ForeignKeyViolationError:
        raise people.missing(user.person_id) from None
    except asyncpg.UniqueViolationError:
        raise ShokoUserTaken(
            f"Another person is {user.username} on this server: their histories would become one. "
            "Choose another user, or remove the other's first"
        ) from None


async def revoke(connection: Connection, server_id: UUID, person_id: UUID, key_id: UUID) -> bool:
    """Note that a key opens nothing any more; False if that is known, or it is another key now."""
    return bool(await connection.fetchval(REVOKE, server_id, person_id, key_id))


async def remove(connection: Connection, server_id: UUID, person_id: UUID) -> None:
    """Forget who a person is."""
    await connection.execute(REMOVE, server_id, person_id)


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Who two people were is one from now on; where both were somebody, the one who stays decides."""
    await connection.execute(MOVE, person_id, into)


def _missing(person_id: UUID) -> NoSuchShokoUser:
    return NoSuchShokoUser(f"The person {person_id} is mapped to no user of this Shoko Server: enter one first")
