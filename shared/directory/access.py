"""Queries of the table `observed_access`: which libraries an account was seen to have."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from .comparison import Pair
from .servers import Connection

OF_SERVER = """
    SELECT account.outside_id AS account, array_agg(library.outside_id) AS libraries
    FROM observed_access JOIN account ON account.id = account_id JOIN library ON library.id = library_id
    WHERE account.server_id = $1 GROUP BY account.outside_id
"""
OF_ACCOUNT = "SELECT library_id FROM observed_access WHERE account_id = $1"
_PAIRS = """
    unnest($2::text[], $3::text[]) AS pair (account, library)
    JOIN account ON account.server_id = $1 AND account.outside_id = pair.account
    JOIN library ON library.server_id = $1 AND library.outside_id = pair.library
"""
GRANT = f"""
    INSERT INTO observed_access (account_id, library_id) SELECT account.id, library.id FROM {_PAIRS}
    ON CONFLICT DO NOTHING
"""
WITHDRAW = f"""
    DELETE FROM observed_access WHERE (account_id, library_id) IN (SELECT account.id, library.id FROM {_PAIRS})
"""


async def of_server(connection: Connection, server_id: UUID) -> dict[str, frozenset[str]]:
    """For each account's outside id, the outside ids of the libraries that it was seen to have."""
    rows = await connection.fetch(OF_SERVER, server_id)
    return {row["account"]: frozenset(row["libraries"]) for row in rows}


async def of_account(connection: Connection, account_id: UUID) -> list[UUID]:
    """The ids of the libraries that an account was seen to have."""
    return [row["library_id"] for row in await connection.fetch(OF_ACCOUNT, account_id)]


async def grant(connection: Connection, server_id: UUID, pairs: Sequence[Pair]) -> None:
    """Write down that accounts have libraries."""
    await connection.execute(GRANT, server_id, *_columns(pairs))


async def withdraw(connection: Connection, server_id: UUID, pairs: Sequence[Pair]) -> None:
    """Write down that accounts have libraries no more."""
    await connection.execute(WITHDRAW, server_id, *_columns(pairs))


def _columns(pairs: Sequence[Pair]) -> tuple[list[str], list[str]]:
    return [account for account, _ in pairs], [library for _, library in pairs]
