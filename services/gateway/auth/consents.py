"""Consents that a mail provider was asked for and has not given yet, kept sealed by the browser that asks.

So any gateway can finish what another began, and nobody can fill a gateway's memory.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from shared.mail.terms import OAuthClient
from shared.outside.mail.consent import Application, Consent
from shared.runtime.secrets import Secret, Vault, VaultError

LASTS = timedelta(minutes=15)
PLACE = "gateway/consent"


class PendingConsent(Struct, frozen=True, kw_only=True):
    """Whose session asks, for which account at which provider, and until when it can be given."""

    session: bytes
    client: OAuthClient
    username: str
    redirect_uri: str
    state: str
    verifier: str
    ends_at: datetime

    def __repr__(self) -> str:
        return f"PendingConsent(client={self.client!r}, username={self.username!r})"

    @property
    def application(self) -> Application:
        """What the provider knows us as."""
        return Application(
            provider=self.client.endpoints, client_id=self.client.client_id, redirect_uri=self.redirect_uri
        )

    @property
    def consent(self) -> Consent:
        """What proves that it is this one that is given."""
        return Consent(state=Secret(self.state), verifier=Secret(self.verifier))


class Consents:
    """Seals them, and opens them again."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, pending: PendingConsent) -> str:
        """A text that only we can read."""
        plain = Secret(msgspec.json.encode(pending).decode())
        return base64.urlsafe_b64encode(self._vault.seal(plain, PLACE)).decode()

    def open(self, sealed: str, now: datetime) -> PendingConsent | None:
        """What was sealed; None if that was not by us, or too long ago."""
        try:
            plain = self._vault.unseal(base64.urlsafe_b64decode(sealed), PLACE)
            pending = msgspec.json.decode(plain.reveal(), type=PendingConsent)
        except (binascii.Error, ValueError, VaultError):
            return None
        return pending if now < pending.ends_at else None
