"""The authorization servers of the large mail providers: where they are, and what to ask them for."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from .setup import Security

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Provider(Struct, frozen=True, kw_only=True):
    """An authorization server (RFC 6749), and the mail server that its consent is for.

    `scope` is what lets us send; `more_scopes` and `extra` make it give a refresh token too.
    ValueError, or msgspec's ValidationError: an address that would show secrets on the way.
    """

    name: str
    authorize_url: str
    token_url: str
    scope: str
    more_scopes: tuple[str, ...] = ()
    extra: Mapping[str, str] = {}
    host: str = ""
    port: int = 587
    security: Security = "starttls"

    def __post_init__(self) -> None:
        for url in (self.authorize_url, self.token_url):
            place = urlsplit(url)
            if place.scheme != "https" and place.hostname not in LOOPBACK:
                raise ValueError(f"The addresses of {self.name} have to begin with https://")


GOOGLE = Provider(
    # developers.google.com/identity/protocols/oauth2/web-server and developers.google.com/gmail/imap/xoauth2-protocol
    name="Google",
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",
    scope="https://mail.google.com/",
    # Without both, only the very first consent gives a refresh token.
    extra={"access_type": "offline", "prompt": "consent"},
    host="smtp.gmail.com",
)
MICROSOFT = Provider(
    # Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth"
    name="Microsoft",
    authorize_url="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",
    scope="https://outlook.office.com/SMTP.Send",
    more_scopes=("offline_access",),
    extra={"prompt": "select_account"},
    host="smtp.office365.com",
)
PROVIDERS: Mapping[str, Provider] = {"google": GOOGLE, "microsoft": MICROSOFT}
