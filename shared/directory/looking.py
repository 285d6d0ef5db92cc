"""How one account was found outside of a sync: after a look at it alone, or after a change of ours."""

from __future__ import annotations

from uuid import UUID

from shared.access.states import AccountState
from shared.access.terms import Libraries

from . import accounts, settled
from .connections import alone
from .servers import Connection

LOOKED = """
    UPDATE account SET all_libraries = $2, state = coalesce($3, state),
        removed_at = CASE coalesce($3, state) WHEN 'removed' THEN coalesce(removed_at, now()) END
    WHERE id = $1 RETURNING server_id
"""
# Libraries by number; one that is gone, or that another server has, is nothing that this account can have.
FORGET = """
    DELETE FROM observed_access USING library
    WHERE account_id = $1 AND library.id = library_id AND library.number <> ALL($2::integer[])
"""
OBSERVE = """
    INSERT INTO observed_access (account_id, library_id)
    SELECT $1, id FROM library WHERE server_id = $2 AND number = ANY($3::integer[]) ON CONFLICT DO NOTHING
"""
BEARER = """
    SELECT other.id FROM account JOIN account AS other USING (server_id)
    WHERE account.id = $1 AND other.id <> $1 AND other.outside_id = $2 FOR UPDATE OF other
"""
HAND_OVER = "UPDATE account SET person_id = (SELECT person_id FROM account WHERE id = $2) WHERE id = $1"
DISCARD = "DELETE FROM account WHERE id = $1"
NAME = "UPDATE account SET outside_id = $2, share_id = coalesce(nullif($3, ''), share_id) WHERE id = $1"


async def write(
    connection: Connection,
    account_id: UUID,
    observed: Libraries,
    *,
    all_libraries: bool,
    state: AccountState | None,
) -> None:
    """Make `observed` what the account was seen to have. None leaves its state as it is. NoSuchAccount."""
    await alone(connection)
    server_id = await connection.fetchval(LOOKED, account_id, all_libraries, state)
    if server_id is None:
        raise accounts.missing(account_id)
    numbers = sorted(observed)
    await connection.execute(FORGET, account_id, numbers)
    await connection.execute(OBSERVE, account_id, server_id, numbers)
    if state == "removed":
        await settled.forget(connection, account_id)


async def name(connection: Connection, account_id: UUID, outside_id: str, share_id: str) -> UUID:
    """Give a wanted account the name that the server has for it; the id under which it is known from now on.

    If an account of that name is there already, from former times or because a sync was quicker, it is this one.
    """
    bearer: UUID | None = await connection.fetchval(BEARER, account_id, outside_id)
    if bearer is not None:
        await connection.execute(HAND_OVER, bearer, account_id)
        await connection.execute(DISCARD, account_id)
        account_id = bearer
    await connection.execute(NAME, account_id, outside_id, share_id)
    return account_id
