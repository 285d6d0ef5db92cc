"""Who may log in, and the sessions that are open."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from .database import Database

Role = Literal["viewer", "operator", "admin"]


class User(Struct, frozen=True, kw_only=True):
    """Somebody who may log in."""

    name: str
    role: Role
    created_at: datetime


class Session(Struct, frozen=True, kw_only=True):
    """Whose session it is, what they may, and until when."""

    account: str
    role: Role
    expires_at: datetime


async def any_account(database: Database) -> bool:
    """Whether somebody may log in at all."""
    async with database.connection() as connection:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM account)"))


async def add(database: Database, name: str, role: Role, password: str) -> bool:
    """A new account with this password hash; False if the name is taken."""
    query = "INSERT INTO account (name, role, password) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true"
    async with database.connection() as connection:
        return bool(await connection.fetchval(query, name, role, password))


async def password_of(database: Database, name: str) -> tuple[str, Role] | None:
    """An account's password hash, and its role."""
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT password, role FROM account WHERE name = $1", name)
        return None if row is None else (row["password"], row["role"])


async def users(database: Database) -> list[User]:
    """All accounts, by name."""
    async with database.connection() as connection:
        return [
            User(**row) for row in await connection.fetch("SELECT name, role, created_at FROM account ORDER BY name")
        ]


async def set_password(database: Database, name: str, password: str, keep: bytes) -> bool:
    """Give an account a new password hash and end its sessions but the one with the token hash `keep`."""
    async with database.connection() as connection, connection.transaction():
        done = await connection.fetchval(
            "UPDATE account SET password = $2 WHERE name = $1 RETURNING true", name, password
        )
        await connection.execute("DELETE FROM session WHERE account = $1 AND token <> $2", name, keep)
        return bool(done)


async def set_role(database: Database, name: str, role: Role) -> bool:
    """Give an account another role; False if there is no such, or no administrator would be left."""
    async with database.connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE account IN EXCLUSIVE MODE")
        done = await connection.fetchval(
            f"UPDATE account SET role = $2 WHERE name = $1 AND ($2 = 'admin' OR {_ANOTHER_ADMIN}) RETURNING true",
            name,
            role,
        )
        return bool(done)


async def remove(database: Database, name: str) -> bool:
    """Remove an account and its sessions; False if there is no such, or no administrator would be left."""
    async with database.connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE account IN EXCLUSIVE MODE")
        done = await connection.fetchval(
            f"DELETE FROM account WHERE name = $1 AND {_ANOTHER_ADMIN} RETURNING true", name
        )
        return bool(done)


_ANOTHER_ADMIN = "EXISTS (SELECT FROM account AS other WHERE other.role = 'admin' AND other.name <> $1)"


async def open_session(database: Database, token: bytes, account: str, expires_at: datetime) -> None:
    """Keep a session by its token's hash, and forget those that have ended."""
    async with database.connection() as connection, connection.transaction():
        await connection.execute("DELETE FROM session WHERE expires_at < now()")
        await connection.execute(
            "INSERT INTO session (token, account, expires_at) VALUES ($1, $2, $3)", token, account, expires_at
        )


async def find_session(database: Database, token: bytes) -> Session | None:
    """The open session with this token hash."""
    query = """
        SELECT session.account, account.role, session.expires_at
        FROM session JOIN account ON account.name = session.account
        WHERE session.token = $1 AND session.expires_at > now()
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(query, token)
        return None if row is None else Session(**row)


async def end_session(database: Database, token: bytes) -> None:
    """End the session with this token hash."""
    async with database.connection() as connection:
        await connection.execute("DELETE FROM session WHERE token = $1", token)
