"""The session's cookie (RFC 6265): for this site only, out of reach of scripts."""

from __future__ import annotations

from aiohttp import web

from ..auth.sessions import LASTS

NAME = "showrunner_session"
_ALONE = f"{NAME}="


def session_token(request: web.Request) -> str:
    """The token in the request's cookie; empty when there is none."""
    header = request.headers.get("Cookie", "")
    # Mostly ours is the only cookie, and the general parser costs as much as all the rest of a short call.
    if header.startswith(_ALONE) and ";" not in header:
        return header[len(_ALONE) :]
    return request.cookies.get(NAME, "") if header else ""


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
