"""The session's cookie (RFC 6265): for this site only, out of reach of scripts."""

from __future__ import annotations

from aiohttp import web

from ..auth.sessions import LASTS

NAME = "showrunner_session"


def session_token(request: web.Request) -> str:
    """The token in the request's cookie; empty when there is none."""
    return request.cookies.get(NAME, "") if "Cookie" in request.headers else ""


def set_session(response: web.Response, request: web.Request, token: str) -> None:
    """Give the browser a session."""
    response.set_cookie(
        NAME,
        token,
        max_age=int(LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=_is_secure(request),
    )


def clear_session(response: web.Response, request: web.Request) -> None:
    """Take the session away from the browser."""
    response.del_cookie(NAME, path="/", httponly=True, samesite="Strict", secure=_is_secure(request))


def _is_secure(request: web.Request) -> bool:
    # A proxy that speaks https for us says so; whoever lies about it only harms their own cookie.
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"
