"""Queries of the table `account`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from .observation import SeenAccount
from .records import Account
from .servers import Connection

COLUMNS = ", ".join(Account.__struct_fields__)

OF_SERVER = f"SELECT {COLUMNS} FROM account WHERE server_id = $1 ORDER BY title, outside_id"
LIST = f"""
    SELECT {COLUMNS} FROM account
    WHERE ($1::uuid IS NULL OR server_id = $1)
      AND ($2::uuid IS NULL OR (title, id) > (SELECT title, id FROM account WHERE id = $2))
    ORDER BY title, id LIMIT $3
"""
# A row that is there keeps its person: people are told apart and joined by people, not by a sync.
PUT = """
    INSERT INTO account (server_id, outside_id, person_id, username, title, email, role, state, all_libraries,
                         last_active_at)
    SELECT $1::uuid, * FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                             $9::boolean[], $10::timestamptz[])
    ON CONFLICT (server_id, outside_id) DO UPDATE
    SET username = excluded.username, title = excluded.title, email = excluded.email, role = excluded.role,
        state = excluded.state, all_libraries = excluded.all_libraries, last_active_at = excluded.last_active_at,
        removed_at = NULL
"""
MARK_REMOVED = """
    UPDATE account SET state = 'removed', removed_at = now() WHERE server_id = $1 AND outside_id = ANY($2::text[])
"""


async def of_server(connection: Connection, server_id: UUID) -> list[Account]:
    """All accounts of a server, removed ones too."""
    return [Account(**row) for row in await connection.fetch(OF_SERVER, server_id)]


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
    )


async def mark_removed(connection: Connection, server_id: UUID, outside_ids: Sequence[str]) -> None:
    """Mark accounts as removed."""
    await connection.execute(MARK_REMOVED, server_id, outside_ids)
