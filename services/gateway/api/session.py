"""Calls about logging in and out."""

from __future__ import annotations

import math
import time
from datetime import datetime

import msgspec
from aiohttp import web
from msgspec import Struct

from ..auth.callers import Caller
from ..auth.passwords import LONGEST, SHORTEST
from ..store import accounts
from ..store.accounts import Role
from .cookies import clear_session, session_token, set_session
from .problems import Problem
from .route import Call, Nothing


class Credentials(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(account={self.account!r})"


class PasswordChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    current: str
    new: str

    def __repr__(self) -> str:
        return "PasswordChange()"


class WhoAmI(Struct, frozen=True, kw_only=True):
    """`account` of a program is `token:` and the token's name; a token without an end has no `expires_at`."""

    account: str
    role: Role
    expires_at: datetime | None


async def log_in(call: Call, body: Credentials) -> web.Response:
    """Log in; the answer sets the session's cookie."""
    gateway = call.gateway
    role = await _check_password(call, body.account, body.password)
    token = await gateway.sessions.open(body.account)
    session = await gateway.sessions.find(token)
    if session is None:
        raise Problem("wrong_password", "The account was removed just now.")
    response = web.Response(
        body=msgspec.json.encode(WhoAmI(account=body.account, role=role, expires_at=session.expires_at)),
        content_type="application/json",
    )
    set_session(response, call.request, token)
    return response


async def log_out(call: Call, _: Nothing) -> web.Response:
    """Log out: the session ends, and its event streams with it."""
    person = _person(call)
    await call.gateway.sessions.end(session_token(call.request))
    call.gateway.hub.end_streams_of(person.key)
    response = web.Response(status=204)
    clear_session(response, call.request)
    return response


async def who_am_i(call: Call, _: Nothing) -> WhoAmI:
    """Who is logged in."""
    return WhoAmI(account=call.caller.name, role=call.caller.role, expires_at=call.caller.expires_at)


async def change_password(call: Call, body: PasswordChange) -> None:
    """Change one's own password; all other sessions of the account end."""
    person, gateway = _person(call), call.gateway
    check_strength(body.new)
    await _check_password(call, person.account, body.current)
    await accounts.set_password(gateway.database, person.account, await gateway.passwords.hash(body.new), person.key)
    gateway.sessions.forget()
    await call.record("user.password", person.account)


def check_strength(password: str) -> None:
    """Raises `weak_password` for one that is too short or too long (NIST SP 800-63B, 3.1.1: length, no recipes)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Problem("weak_password", f"A password has at least {SHORTEST} and at most {LONGEST} characters.")


def _person(call: Call) -> Caller:
    """Who is logged in. Raises `forbidden` for a program: it has neither session nor password."""
    if call.caller.by_token:
        raise Problem("forbidden", "An API token has no session and no password: log in to do this.")
    return call.caller


async def _check_password(call: Call, account: str, password: str) -> Role:
    """The account's role. Raises `wrong_password`, or `too_many_tries` to those who guess."""
    gateway = call.gateway
    keys = (f"address {call.address}", f"account {account[:100]}")
    wait = gateway.throttle.wait(keys, time.monotonic())
    if wait > 0 or len(password) > LONGEST:
        seconds = max(1, math.ceil(wait))
        raise (
            Problem("too_many_tries", f"Too many failed log-ins: wait {seconds} s.", {"Retry-After": str(seconds)})
            if wait > 0
            else Problem("wrong_password")
        )
    # Counted before the check, so that tries made at once count each.
    gateway.throttle.failed(keys, time.monotonic())
    found = await accounts.password_of(gateway.database, account)
    if not await gateway.passwords.matches(found[0] if found else None, password) or found is None:
        raise Problem("wrong_password", "The account or the password is wrong.")
    gateway.throttle.succeeded(keys)
    return found[1]
