"""Our cookies (RFC 6265), out of reach of scripts: the session's, and that of a consent that is asked for."""

from __future__ import annotations

from aiohttp import web

from ..auth import consents
from ..auth.sessions import LASTS

NAME = "showrunner_session"
CONSENT = "showrunner_consent"
CONSENT_PATH = "/api/mail/oauth"
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


def consent_token(request: web.Request) -> str:
    """The sealed consent that is pending, from the request's cookie; empty when there is none."""
    return request.cookies.get(CONSENT, "")


def set_consent(response: web.Response, request: web.Request, sealed: str) -> None:
    """Give the browser the sealed consent that it asks for.

    It comes back from the provider's site, and then browsers show no strict cookie, so this one is lax.
    """
    response.set_cookie(
        CONSENT,
        sealed,
        max_age=int(consents.LASTS.total_seconds()),
        path=CONSENT_PATH,
        httponly=True,
        samesite="Lax",
        secure=_is_secure(request),
    )


def clear_consent(response: web.Response, request: web.Request) -> None:
    """Take it away from the browser."""
    response.del_cookie(CONSENT, path=CONSENT_PATH, httponly=True, samesite="Lax", secure=_is_secure(request))


def _is_secure(request: web.Request) -> bool:
    # A proxy that speaks https for us says so; whoever lies about it only harms their own cookie.
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"
