"""Mail addresses, as they stand on the wire."""

from __future__ import annotations

import re
from typing import NamedTuple

import idna

LONGEST_LOCAL, LONGEST_DOMAIN = 64, 255  # octets (RFC 5321, section 4.5.3.1)
UNSENDABLE = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff]")
"""Characters that would end a word on the wire, or can't be on it."""
FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff\"(),:;<>@\[\\\]]")
HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")


class BadAddress(ValueError):
    """No mail server could take this address; the message says why."""


class Mailbox(NamedTuple):
    """An address: the part before the @ as it was given, and its domain in the letters of the DNS."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def needs_utf8(self) -> bool:
        """Only a server with the extension SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()


def mailbox(address: str) -> Mailbox:
    """Read an address such as anna@example.org. BadAddress: it is none, or one whose local part is quoted."""
    local, at, domain = address.strip().rpartition("@")
    if not (at and local and domain):
        raise BadAddress(f"{address!r} is no mail address: it has to look like anna@example.org")
    if FORBIDDEN.search(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise BadAddress(f"{address!r} is no mail address: what stands before the @ can't be sent to")
    if len(local.encode()) > LONGEST_LOCAL:
        raise BadAddress(f"{address!r} is no mail address: what stands before the @ is too long")
    return Mailbox(local, _domain(address, domain))


def _domain(address: str, domain: str) -> str:
    # IDNA 2008: by the older rules, which Python has built in, straße.example is another's strasse.example.
    try:
        encoded = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        encoded = ""
    if len(encoded) > LONGEST_DOMAIN or not HOST_NAME.fullmatch(encoded):
        raise BadAddress(f"{address!r} is no mail address: what stands after the @ can't be a domain")
    return encoded.lower()
