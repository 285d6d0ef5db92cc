"""The API tokens, each by its hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from .accounts import Role
from .database import Database


class Token(Struct, frozen=True, kw_only=True):
    """What may be told of a token. It may no more than the account that answers for it may at the moment.

    Without `expires_at` it lasts; `last_used_at` is up to a minute behind.
    """

    name: str
    role: Role
    account: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class TokenHolder(Struct, frozen=True, kw_only=True):
    """Which token it is, until when, and the roles of itself and of its account."""

    name: str
    role: Role
    account: str
    account_role: Role
    expires_at: datetime | None


class RemovedToken(Struct, frozen=True, kw_only=True):
    """What has to be known of a token that is no more."""

    key: bytes
    role: Role
    account: str
    expires_at: datetime | None


async def tokens(database: Database) -> list[Token]:
    """All tokens by name, also those that have ended."""
    query = "SELECT name, role, account, created_at, expires_at, last_used_at FROM token ORDER BY name"
    async with database.connection() as connection:
        return [Token(**row) for row in await connection.fetch(query)]


async def add(
    database: Database, name: str, role: Role, account: str, *, expires_at: datetime | None, hash: bytes
) -> Token | None:
    """A new token; None if the name is taken."""
    query = """
        INSERT INTO token (name, role, account, expires_at, hash) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (name) DO NOTHING
        RETURNING name, role, account, created_at, expires_at, last_used_at
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(query, name, role, account, expires_at, hash)
        return None if row is None else Token(**row)


async def find(database: Database, hash: bytes) -> TokenHolder | None:
    """The token with this hash, also when it has ended."""
    query = """
        SELECT token.name, token.role, token.account, account.role AS account_role, token.expires_at
        FROM token JOIN account ON account.name = token.account
        WHERE token.hash = $1
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(query, hash)
        return None if row is None else TokenHolder(**row)


async def remove(database: Database, name: str) -> RemovedToken | None:
    """Remove the token of this name; None if there is no such."""
    query = "DELETE FROM token WHERE name = $1 RETURNING hash AS key, role, account, expires_at"
    async with database.connection() as connection:
        row = await connection.fetchrow(query, name)
        return None if row is None else RemovedToken(**row)


async def note_uses(database: Database, uses: Mapping[bytes, datetime]) -> None:
    """Keep when tokens, by their hashes, were last used; another gateway may know of a later use."""
    query = """
        UPDATE token SET last_used_at = greatest(token.last_used_at, used.at)
        FROM unnest($1::bytea[], $2::timestamptz[]) AS used (hash, at)
        WHERE token.hash = used.hash
    """
    async with database.connection() as connection:
        await connection.execute(query, list(uses.keys()), list(uses.values()))
