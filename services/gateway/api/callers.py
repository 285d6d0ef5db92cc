"""From a request to the one who makes it."""

from __future__ import annotations

from aiohttp import web

from ..auth.callers import Caller
from ..context import Gateway
from .cookies import session_token


async def caller_of(gateway: Gateway, request: web.Request) -> Caller | None:
    """Who calls: by the API token if one is shown, else by the session's cookie; None for a stranger.

    Raises `BadToken`, and `DatabaseUnreachable` when that can't be told now.
    """
    token = _bearer_token(request)
    if token is not None:
        return await gateway.tokens.find(token)
    session = session_token(request)
    return await gateway.sessions.find(session) if session else None


def _bearer_token(request: web.Request) -> str | None:
    """The token in the Authorization header (RFC 6750, 2.1); None without one.

    Other schemes are passed over: a proxy before us may ask for a password of its own.
    """
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None
