"""What is settled before NATS lets us in: as whom we come, whom we trust, and when we turn round."""

from __future__ import annotations

import re
import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

from .errors import Untrusted

# A password may hold a comma; what stands before the next scheme does not belong to it.
_BETWEEN = re.compile(r"\s*,\s*(?=[a-z]+://)")


def servers_in(url: str) -> list[str]:
    """The servers of a cluster, whose addresses stand in a row with commas between; the user is the same on all."""
    return _BETWEEN.split(url.strip())


def user_in(url: str) -> str:
    """The user's name in an address; empty where it has none, or a token in its place, which is a secret."""
    address = urlsplit(servers_in(url)[0])
    return unquote(address.username or "") if address.password else ""


def credentials_in(url: str) -> dict[str, Any]:
    """As whom we come, in the client library's words.

    Left in the address it would be sent with its escapes, and only to servers that an address names: the others in a
    cluster are named by these.
    """
    address = urlsplit(servers_in(url)[0])
    if address.username is None:
        return {}
    if address.password is None:
        return {"token": unquote(address.username)}
    return {"user": unquote(address.username), "password": unquote(address.password)}


def trust(authority: str, certificate: str = "", key: str = "") -> ssl.SSLContext | None:
    """By which authorities' certificates the server is known, and what we show if it asks us: files in PEM.

    None where nothing is named: then the machine's own authorities count. Raises `Untrusted`: a file is of no use.
    """
    if not (authority or certificate):
        return None
    try:
        context = ssl.create_default_context(cafile=authority or None)
    except OSError as error:
        raise Untrusted(f"SHOWRUNNER_NATS_CA: {authority!r} holds no certificates in PEM ({error})") from error
    if certificate:
        try:
            context.load_cert_chain(certificate, key or None, password="")
        except (OSError, ValueError) as error:
            raise Untrusted(
                "SHOWRUNNER_NATS_CERT and SHOWRUNNER_NATS_KEY don't hold a certificate and its key in PEM, without a "
                f"passphrase ({error})"
            ) from error
    return context


def untrusted(error: Exception, url: str) -> Untrusted:
    """What went wrong, and how to mend it."""
    addresses = map(urlsplit, servers_in(url))
    where = f"NATS at {', '.join(f'{address.hostname}:{address.port or 4222}' for address in addresses)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(
            f"{where} shows a certificate that is not to be trusted ({error.verify_message}): put the authority that "
            "signed it into SHOWRUNNER_NATS_CA, and write the address with a name that it has"
        )
    if isinstance(error, ssl.SSLError):
        return Untrusted(
            f"{where} can't be spoken to over TLS ({error.reason or error}): it may ask for a certificate of ours "
            "(SHOWRUNNER_NATS_CERT, SHOWRUNNER_NATS_KEY) that its own authority has signed"
        )
    return Untrusted(
        f"{where} does not speak TLS, so our password stays here: give it a certificate, or, where the way to it is "
        "safe, write nats:// and set no SHOWRUNNER_NATS_CA"
    )
