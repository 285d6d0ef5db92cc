"""Asking somebody for consent: the way to the provider's page, and what comes back from it (RFC 6749, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec import Struct

from shared.runtime.secrets import Secret

from .errors import MailError
from .providers import Provider

RANDOM_BYTES = 48  # 64 characters; a verifier has 43 to 128 (RFC 7636, section 4.1)


class Application(Struct, frozen=True, kw_only=True):
    """Showrunner, as it is registered with a provider. Its client secret stands beside this, never in it."""

    provider: Provider
    client_id: str
    redirect_uri: str


class Consent(Struct, frozen=True, kw_only=True):
    """One attempt to get consent: kept, for the person who makes it, until they come back."""

    state: Secret
    verifier: Secret


def new_consent() -> Consent:
    """An attempt that nobody else can guess or finish."""
    return Consent(
        state=Secret(secrets.token_urlsafe(RANDOM_BYTES)), verifier=Secret(secrets.token_urlsafe(RANDOM_BYTES))
    )


def consent_url(application: Application, consent: Consent, *, username: str = "") -> str:
    """Where to send the person, who is likely to be `username` there."""
    provider = application.provider
    challenge = hashlib.sha256(consent.verifier.reveal().encode()).digest()
    query = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uri,
        "scope": " ".join((provider.scope, *provider.more_scopes)),
        "state": consent.state.reveal(),
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **({"login_hint": username} if username else {}),
        **provider.extra,
    }
    return f"{provider.authorize_url}?{urlencode(query)}"


def code_from(application: Application, consent: Consent, answer: Mapping[str, str]) -> Secret:
    """The code in the query with which the person came back. MailError: they did not consent, or it is not theirs."""
    name = application.provider.name
    if Secret(answer.get("state", "")) != consent.state:
        raise _refused("This answer belongs to another attempt to get consent: begin again")
    if error := answer.get("error"):
        denied = error == "access_denied"
        raise _refused(f"{name} was not given consent" if denied else f"{name} did not ask for consent ({error[:80]})")
    if not answer.get("code"):
        raise _refused(f"{name} sent no code along: begin again")
    return Secret(answer["code"])


def _refused(message: str) -> MailError:
    return MailError(message, step="login", transient=False)
