"""The call that begins to ask for consent to send mail; see `..public.consent` for how it ends."""

from __future__ import annotations

import msgspec
from aiohttp import web
from msgspec import Struct

from shared.outside.mail.consent import consent_url, new_consent
from shared.runtime.clock import utc_now

from ..auth.consents import LASTS, PendingConsent
from ..auth.origin import own_origin
from ..store.database import outages_named
from .cookies import set_consent
from .problems import Problem
from .route import Call, Nothing

CALLBACK = "/api/mail/oauth/callback"


class ConsentBegun(Struct, frozen=True, kw_only=True):
    """Where to send the person: the provider's page, from which they come back here."""

    url: str


async def begin_consent(call: Call, _: Nothing) -> web.Response:
    """Begin to ask for consent; the answer sets a cookie with which the same browser can finish it."""
    if call.caller.by_token:
        raise Problem("forbidden", "Only a person can be asked for consent: log in to do this.")
    with outages_named():
        policy = await call.gateway.mailroom.policy()
    if policy.oauth is None:
        raise Problem("mail_not_set_up", "Choose a provider first, and enter the client id that it gave you.")
    consent = new_consent()
    pending = PendingConsent(
        session=call.caller.key,
        client=policy.oauth,
        username=policy.server.username if policy.server else "",
        redirect_uri=own_origin(call.request.headers, call.request.scheme) + CALLBACK,
        state=consent.state.reveal(),
        verifier=consent.verifier.reveal(),
        ends_at=utc_now() + LASTS,
    )
    await call.record("mail.consent_begun", pending.application.provider.name, None, {"account": pending.username})
    begun = ConsentBegun(url=consent_url(pending.application, consent, username=pending.username))
    response = web.Response(body=msgspec.json.encode(begun), content_type="application/json")
    set_consent(response, call.request, call.gateway.consents.seal(pending))
    return response
