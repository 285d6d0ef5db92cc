"""Users of a Shoko Server: a name and a password give a key, and a key says whose it is.

Both are for one person's watch history. What opens the server itself is an administrator's key.
"""

from __future__ import annotations

import aiohttp
import msgspec
from msgspec import Struct

from shared.runtime.secrets import Secret

from .errors import Malformed, Refused, Unauthorized
from .http import fetch, send
from .identities import PROGRAM, headers

LOG_IN = "/api/auth"
CURRENT_USER = "/api/v3/User/Current"


class ShokoUser(Struct, frozen=True, kw_only=True, rename={"id": "ID", "username": "Username", "admin": "IsAdmin"}):
    """Who a key belongs to."""

    id: int
    username: str
    admin: bool = False


class _Key(Struct):
    apikey: str


async def log_in(
    session: aiohttp.ClientSession, who: str, url: str, username: str, password: Secret, *, timeout_s: float = 20.0
) -> Secret:
    """The key of a user for this program: the same one, as often as they log in (Shoko's AuthTokenRepository).

    Unauthorized: there is no such user, or the password is another. OutsideError, in terms of `who`.
    """
    wish = {"user": username, "pass": password.reveal(), "device": PROGRAM}
    try:
        answer = await send(session, who, url + LOG_IN, wish, headers={}, timeout_s=timeout_s)
    except (Unauthorized, Refused) as error:
        if isinstance(error, Refused) and error.status != 400:
            raise
        raise Unauthorized(f"{who} knows no user {username} with this password: write both as in Shoko") from None
    try:
        return Secret(msgspec.convert(answer, _Key).apikey)
    except msgspec.ValidationError:
        raise Malformed(f"{who} does not say which key belongs to {username}") from None


async def current_user(
    session: aiohttp.ClientSession, who: str, url: str, key: Secret, *, timeout_s: float = 20.0
) -> ShokoUser:
    """Whose key it is. Unauthorized: nobody's (any more). OutsideError, in terms of `who`."""
    answer = await fetch(session, who, url + CURRENT_USER, headers=headers("shoko", key), timeout_s=timeout_s)
    try:
        return msgspec.convert(answer, ShokoUser)
    except msgspec.ValidationError:
        raise Malformed(f"{who} does not say whose key it is") from None
