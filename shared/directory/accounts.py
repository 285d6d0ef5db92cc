"""Queries of the table `account`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from .errors import NoSuchAccount
from .observation import SeenAccount
from .records import Account
from .servers import Connection
from .subscribers import PersonBody

COLUMNS = ", ".join(Account.__struct_fields__)
SEEN = ", ".join(SeenAccount.__struct_fields__)

OF_SERVER = f"SELECT {SEEN} FROM account WHERE server_id = $1 ORDER BY title, outside_id"
LIST = f"""
    SELECT {COLUMNS} FROM account
    WHERE ($1::uuid IS NULL OR server_id = $1)
      AND ($2::uuid IS NULL OR (title, id) > (SELECT title, id FROM account WHERE id = $2))
    ORDER BY title, id LIMIT $3
"""
# A row that is there keeps its person: people are told apart and joined by people, not by a sync.
PUT = """
    INSERT INTO account (server_id, outside_id, person_id, username, title, email, role, state, all_libraries,
                         last_active_at, share_id)
    SELECT $1::uuid, * FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                             $9::boolean[], $10::timestamptz[], $11::text[])
    ON CONFLICT (server_id, outside_id) DO UPDATE
    SET username = excluded.username, title = excluded.title, email = excluded.email, role = excluded.role,
        state = excluded.state, all_libraries = excluded.all_libraries, last_active_at = excluded.last_active_at,
        share_id = excluded.share_id, removed_at = NULL
"""
RENAME = """
    UPDATE account SET outside_id = move.after
    FROM unnest($2::text[], $3::text[]) AS move (before, after) WHERE server_id = $1 AND outside_id = move.before
"""
# What an account had that goes is no base any more: if it comes back, it comes back with nothing of ours.
MARK_REMOVED = """
    WITH gone AS (
        UPDATE account SET state = 'removed', removed_at = now()
        WHERE server_id = $1 AND outside_id = ANY($2::text[]) RETURNING id
    ) DELETE FROM settled_access WHERE account_id IN (SELECT id FROM gone)
"""
GET = f"SELECT {COLUMNS} FROM account WHERE id = $1"
OF_PERSON = "SELECT id FROM account WHERE person_id = $1"
ON_SERVER = f"""
    SELECT {COLUMNS} FROM account WHERE person_id = $1 AND server_id = $2
    ORDER BY state = 'removed', removed_at DESC LIMIT 1 FOR UPDATE
"""
WANT = """
    INSERT INTO account (server_id, outside_id, person_id, username, title, email, role, state, all_libraries)
    VALUES ($1, $2, $3, $4, $4, $5, 'friend', 'wanted', false) RETURNING id
"""
WANT_AGAIN = """
    UPDATE account SET state = 'wanted', removed_at = NULL, role = 'friend', all_libraries = false, email = $2
    WHERE id = $1
"""
WANTED = f"SELECT {COLUMNS} FROM account WHERE id = $1 AND state = 'wanted' FOR UPDATE"
FORGET_WANTED = "DELETE FROM account WHERE id = $1 AND outside_id LIKE 'wanted-%'"
PUT_ASIDE = "UPDATE account SET state = 'removed', removed_at = now() WHERE id = $1"
ASSIGN = "UPDATE account SET person_id = $2 WHERE id = $1"
MOVE = "UPDATE account SET person_id = $2 WHERE person_id = $1"


class Kept(NamedTuple):
    """The accounts of a server by outside id: those that are there, that were removed, and that are yet to be."""

    there: dict[str, SeenAccount]
    removed: dict[str, SeenAccount]
    wanted: dict[str, SeenAccount]


async def of_server(connection: Connection, server_id: UUID) -> Kept:
    """All accounts of a server."""
    kept = Kept({}, {}, {})
    apart = {"removed": kept.removed, "wanted": kept.wanted}
    for row in await connection.fetch(OF_SERVER, server_id):
        apart.get(row["state"], kept.there)[row["outside_id"]] = SeenAccount(**row)
    return kept


async def listed(connection: Connection, server_id: UUID | None, after: UUID | None, limit: int) -> list[Account]:
    """Accounts by title, of one server or of all, `limit` of them, those that come after the account `after`."""
    return [Account(**row) for row in await connection.fetch(LIST, server_id, after, limit)]


async def put(connection: Connection, server_id: UUID, seen: Sequence[SeenAccount], people: Mapping[str, UUID]) -> None:
    """Insert or update accounts by their outside ids; `people` says whose the new ones are."""
    await connection.execute(
        PUT,
        server_id,
        [account.outside_id for account in seen],
        [people[account.outside_id] for account in seen],
        [account.username for account in seen],
        [account.title for account in seen],
        [account.email for account in seen],
        [account.role for account in seen],
        [account.state for account in seen],
        [account.all_libraries for account in seen],
        [account.last_active_at for account in seen],
        [account.share_id for account in seen],
    )


async def rename(connection: Connection, server_id: UUID, moves: Mapping[str, str]) -> None:
    """Give accounts another outside id: the one that each has now, and the new one."""
    await connection.execute(RENAME, server_id, list(moves), list(moves.values()))


async def mark_removed(connection: Connection, server_id: UUID, outside_ids: Sequence[str]) -> None:
    """Mark accounts as removed."""
    await connection.execute(MARK_REMOVED, server_id, outside_ids)


async def get(connection: Connection, account_id: UUID) -> Account:
    """One account. NoSuchAccount."""
    row = await connection.fetchrow(GET, account_id)
    if row is None:
        raise missing(account_id)
    return Account(**row)


async def of_person(connection: Connection, person_id: UUID) -> list[UUID]:
    """The ids of a person's accounts, removed ones too."""
    return [row["id"] for row in await connection.fetch(OF_PERSON, person_id)]


async def on_server(connection: Connection, person_id: UUID, server_id: UUID) -> Account | None:
    """A person's account on a server; one that was removed only if there is no other."""
    row = await connection.fetchrow(ON_SERVER, person_id, server_id)
    return None if row is None else Account(**row)


async def want(connection: Connection, person_id: UUID, server_id: UUID, person: PersonBody) -> UUID:
    """Insert an account that is yet to be."""
    account_id: UUID = await connection.fetchval(
        WANT, server_id, f"wanted-{uuid4()}", person_id, person.name, person.email
    )
    return account_id


async def want_again(connection: Connection, account_id: UUID, person: PersonBody) -> None:
    """Make a removed account one that is yet to be."""
    await connection.execute(WANT_AGAIN, account_id, person.email)


async def wanted(connection: Connection, account_id: UUID) -> Account:
    """An account that is yet to be, locked. NoSuchAccount."""
    row = await connection.fetchrow(WANTED, account_id)
    if row is None:
        raise NoSuchAccount(f"Nobody is to be invited as {account_id}: the invitation may have been sent meanwhile")
    return Account(**row)


async def unwant(connection: Connection, account_id: UUID) -> None:
    """Forget an account that was yet to be; if it had been there before, it is a removed one again."""
    await connection.execute(FORGET_WANTED, account_id)
    await connection.execute(PUT_ASIDE, account_id)


async def assign(connection: Connection, account_id: UUID, person_id: UUID) -> None:
    """Make an account another person's."""
    await connection.execute(ASSIGN, account_id, person_id)


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Make all accounts of a person another's."""
    await connection.execute(MOVE, person_id, into)


def missing(account_id: UUID) -> NoSuchAccount:
    """There is no such account."""
    return NoSuchAccount(f"There is no account {account_id}: it may have been removed meanwhile")
