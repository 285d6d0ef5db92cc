"""Where a mail provider sends people back to, with their consent or without.

They come from another site, so the browser shows no session: what it keeps sealed says whose it is.
"""

from __future__ import annotations

from aiohttp import web

from shared.outside.mail.consent import code_from
from shared.outside.mail.errors import MailError
from shared.outside.mail.oauth import TokenEndpoint
from shared.runtime.clock import utc_now
from shared.runtime.secrets import Secret, WrongKey

from ..api.cookies import clear_consent, consent_token
from ..api.headers import SECURITY
from ..api.mail_consent import CALLBACK
from ..api.route import Call
from ..auth.callers import Caller
from ..auth.consents import PendingConsent
from ..auth.roles import suffices
from ..context import Gateway
from ..store.database import DatabaseUnreachable, outages_named
from .page import link, page

SETUP = "/admin/mail/setup"


class _Unfinished(Exception):
    """It comes to nothing, for a reason that the person can mend."""


class ConsentPage:
    """Takes the consent; a page is only seen when that goes wrong."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_get(CALLBACK, self._come_back)

    async def _come_back(self, request: web.Request) -> web.Response:
        try:
            with outages_named():
                await self._finish(request)
            answer = web.Response(status=303, headers={**SECURITY, "Location": f"{SETUP}?consent=given"})
        except (MailError, WrongKey, _Unfinished) as error:
            answer = _failed(f"{str(error).rstrip('.')}.", 400)
        except DatabaseUnreachable:
            answer = _failed("The database does not answer now: begin again in a moment.", 503)
        clear_consent(answer, request)
        return answer

    async def _finish(self, request: web.Request) -> None:
        pending = self._gateway.consents.open(consent_token(request), utc_now())
        if pending is None:
            raise _Unfinished("This took too long, or was begun in another browser: begin again")
        caller = await self._caller(pending)
        code = code_from(pending.application, pending.consent, dict(request.query))
        room = self._gateway.mailroom
        policy = await room.policy()
        username = policy.server.username if policy.server else ""
        if (policy.oauth, username) != (pending.client, pending.username):
            raise _Unfinished("The mail set-up was changed meanwhile: begin again")
        client_secret = await room.secret("oauth_client_secret") or Secret("")
        endpoint = TokenEndpoint(self._gateway.outside, pending.application, client_secret)
        grant = await endpoint.exchange(code, pending.consent)
        await room.set_secret("oauth_refresh_token", grant.refresh_token, caller.name)
        call = Call(self._gateway, request, caller)
        await call.record("mail.consent_given", pending.application.provider.name, None, {"account": pending.username})

    async def _caller(self, pending: PendingConsent) -> Caller:
        caller = await self._gateway.sessions.of(pending.session)
        if caller is None or not suffices(caller.role, "admin"):
            raise _Unfinished("Whoever began this is no longer logged in as an administrator: log in and begin again")
        if self._gateway.trail.full:
            raise _Unfinished("Changes can't be recorded now, so none are taken: begin again in a moment")
        return caller


def _failed(why: str, status: int) -> web.Response:
    way_on = link(SETUP, "Back to the mail set-up")
    return page("Mail can't be sent for this account yet", [why], way_on, status=status)
