"""Calls about those who may log in; for administrators."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from ..store import accounts
from ..store.accounts import Role, User
from .problems import Problem
from .route import Call, Nothing
from .session import check_strength

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]


class NewUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    role: Role
    password: str

    def __repr__(self) -> str:
        return f"NewUser(name={self.name!r}, role={self.role!r})"


class UserChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. A new password ends the user's sessions."""

    role: Role | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"UserChange(role={self.role!r})"


class UserList(Struct, frozen=True, kw_only=True):
    users: tuple[User, ...]


async def list_users(call: Call, _: Nothing) -> UserList:
    """Who may log in."""
    return UserList(users=tuple(await accounts.users(call.gateway.database)))


async def add_user(call: Call, body: NewUser) -> User:
    """Let somebody else log in."""
    check_strength(body.password)
    gateway = call.gateway
    if not await accounts.add(gateway.database, body.name, body.role, await gateway.passwords.hash(body.password)):
        raise Problem("user_exists", f"There is a user named {body.name}.")
    await call.record("user.add", body.name, None, {"role": body.role})
    return await _user(call, body.name)


async def change_user(call: Call, body: UserChange) -> User:
    """Give a user another role or password."""
    gateway = call.gateway
    before = await _user(call, call.path["name"])
    if body.role is not None and not await accounts.set_role(gateway.database, before.name, body.role):
        raise Problem("last_admin", "Make somebody else an administrator first.")
    if body.password is not None:
        check_strength(body.password)
        kept = await gateway.passwords.hash(body.password)
        await accounts.set_password(gateway.database, before.name, kept, keep=b"")
    _forget_credentials(call)
    after = {"role": body.role or before.role, "password_changed": body.password is not None}
    await call.record("user.change", before.name, {"role": before.role}, after)
    return await _user(call, before.name)


async def remove_user(call: Call, _: Nothing) -> None:
    """Let a user not log in any more; their sessions and their API tokens end."""
    before = await _user(call, call.path["name"])
    if not await accounts.remove(call.gateway.database, before.name):
        raise Problem("last_admin", "Make somebody else an administrator first.")
    _forget_credentials(call)
    await call.record("user.remove", before.name, {"role": before.role})


def _forget_credentials(call: Call) -> None:
    call.gateway.sessions.forget()
    call.gateway.tokens.forget()


async def _user(call: Call, name: str) -> User:
    for user in await accounts.users(call.gateway.database):
        if user.name == name:
            return user
    raise Problem("user_unknown", f"There is no user named {name}.")
