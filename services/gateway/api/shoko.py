"""Calls about who people are on Shoko Servers. Passwords are used once and forgotten; keys are sealed, never shown."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from shared.directory.records import Server, ShokoPerson
from shared.outside.check import check_addresses
from shared.outside.errors import OutsideError, Unauthorized
from shared.outside.shoko import ShokoUser, current_user, log_in
from shared.runtime.clock import utc_now
from shared.runtime.secrets import Secret

from ..store.database import outages_named
from .problems import Code, Problem
from .route import Call, Nothing


class ShokoUserBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user of the Shoko Server: by name and password, or by a key of theirs.

    With the password a key is fetched once; it is not kept, and may be empty, as it may be at Shoko.
    """

    username: str = ""
    password: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if bool(self.username) == bool(self.key):
            raise ValueError("write `username` and `password`, or a `key`, and not both")
        if self.password and self.key:
            raise ValueError("a `key` needs no `password`: leave one of them out")

    def __repr__(self) -> str:
        return f"ShokoUserBody(username={self.username!r})"


class ShokoPeople(Struct, frozen=True, kw_only=True):
    people: tuple[ShokoPerson, ...]


async def list_shoko_users(call: Call, _: Nothing) -> ShokoPeople:
    """Who people are on a Shoko Server."""
    server = await _shoko(call)
    with outages_named():
        return ShokoPeople(people=tuple(await call.gateway.shoko_users.listed(server.id)))


async def set_shoko_user(call: Call, body: ShokoUserBody) -> ShokoPerson:
    """Say which user a person is, in place of what was said before."""
    server, person_id = await _shoko(call), _person(call, "person_unknown")
    with outages_named():
        await call.gateway.membership.card(person_id)
    user, key = await _proven(call, server, body)
    users = call.gateway.shoko_users
    with outages_named():
        before = next((each for each in await users.listed(server.id) if each.person_id == person_id), None)
        after = await users.put(
            server.id, person_id, key, outside_id=str(user.id), username=user.username, by=call.by, at=utc_now()
        )
    await call.record("shoko_user.set", f"{server.id}/{person_id}", before, after)
    return after


async def remove_shoko_user(call: Call, _: Nothing) -> None:
    """Forget which user a person is. The key goes on to open what it opens, until the user revokes it at Shoko."""
    server, person_id = await _shoko(call), _person(call, "shoko_user_unknown")
    with outages_named():
        before = await call.gateway.shoko_users.remove(server.id, person_id)
    await call.record("shoko_user.remove", f"{server.id}/{person_id}", before, None)


async def _shoko(call: Call) -> Server:
    with outages_named():
        server = await call.gateway.directory.server(call.id("server_unknown"))
    if server.kind != "shoko":
        raise Problem("server_unknown", f"{server.name} is no Shoko Server: only there people have a Shoko user.")
    return server


def _person(call: Call, otherwise: Code) -> UUID:
    try:
        return UUID(call.path["person"])
    except ValueError:
        raise Problem(otherwise) from None


async def _proven(call: Call, server: Server, body: ShokoUserBody) -> tuple[ShokoUser, Secret]:
    """Who the user is, and a key that proves it."""
    session, who = call.gateway.outside, server.name
    with outages_named():
        token = await call.gateway.directory.token(server.id)
    try:
        check = await check_addresses(session, server.kind, server.addresses, token, who=who)
    except OutsideError as error:
        raise Problem("server_refused", error.message) from None
    try:
        key = Secret(body.key)
        if not key:
            key = await log_in(session, who, check.url, body.username, Secret(body.password))
        return await current_user(session, who, check.url, key), key
    except Unauthorized as error:
        raise Problem("shoko_user_refused", error.message) from None
    except OutsideError as error:
        raise Problem("server_refused", error.message) from None
