"""Calls about API tokens; for administrators."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from shared.runtime.clock import utc_now

from ..store import tokens
from ..store.accounts import Role
from ..store.tokens import Token
from .problems import Problem
from .route import Call, Nothing
from .users import Name


class NewToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token for a program; without `expires_at` it lasts until it is removed, or its maker's account is."""

    name: Name
    role: Role
    expires_at: datetime | None = None


class MadeToken(Token, frozen=True, kw_only=True):
    """A new token. `token` is to be sent as `Authorization: Bearer`; it is shown this once, and can't be had again."""

    token: str

    def __repr__(self) -> str:
        return f"MadeToken(name={self.name!r}, role={self.role!r})"


class TokenList(Struct, frozen=True, kw_only=True):
    tokens: tuple[Token, ...]


async def list_tokens(call: Call, _: Nothing) -> TokenList:
    """The API tokens."""
    return TokenList(tokens=tuple(await tokens.tokens(call.gateway.database)))


async def add_token(call: Call, body: NewToken) -> MadeToken:
    """Make an API token, which the caller's account answers for."""
    if body.expires_at is not None and body.expires_at.tzinfo is None:
        raise Problem("bad_body", "`expires_at` needs a time zone: write it as 2030-01-31T18:00:00Z.")
    if body.expires_at is not None and body.expires_at <= utc_now():
        raise Problem("bad_body", "`expires_at` has passed: leave it out, or name a moment to come.")
    made = await call.gateway.tokens.make(body.name, body.role, call.caller.account, body.expires_at)
    if made is None:
        raise Problem("token_exists", f"There is a token named {body.name}: remove it first, or take another name.")
    kept, token = made
    await call.record("token.add", kept.name, None, {"role": kept.role, "expires_at": kept.expires_at})
    return MadeToken(**msgspec.structs.asdict(kept), token=token)


async def remove_token(call: Call, _: Nothing) -> None:
    """End an API token, and its event streams with it."""
    name = call.path["name"]
    removed = await call.gateway.tokens.remove(name)
    if removed is None:
        raise Problem("token_unknown", f"There is no token named {name}.")
    call.gateway.hub.end_streams_of(removed.key)
    before = {"role": removed.role, "account": removed.account, "expires_at": removed.expires_at}
    await call.record("token.remove", name, before)
