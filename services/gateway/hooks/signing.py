"""Signatures of what is sent from program to program. Pure.

What is signed is the timestamp (whole seconds since the Unix epoch), a dot, and the body, byte for byte: an old call
can't be given a new time. The signature is `sha256=` and the HMAC-SHA256 (RFC 2104) of that in hexadecimal.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

SIGNATURE = "X-Showrunner-Signature"
TIMESTAMP = "X-Showrunner-Timestamp"

TOLERANCE = timedelta(minutes=5)
_SCHEME = "sha256="
_LONGEST_TIMESTAMP = 12


class BadSignature(Exception):
    """What was sent is not signed as it should be; the message says how to mend it."""


def signature_of(key: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body that is sent at `timestamp`."""
    return _SCHEME + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed_headers(key: bytes, now: datetime, body: bytes) -> dict[str, str]:
    """The two headers that go with a body."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: signature_of(key, timestamp, body)}


def check(key: bytes, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Raises `BadSignature` unless the body was signed with the key, within `TOLERANCE` of `now`.

    The time is looked at last: a stranger learns nothing of our clock.
    """
    if not (timestamp and signature):
        raise BadSignature(f"The call is not signed: it needs the headers {TIMESTAMP} and {SIGNATURE}")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= _LONGEST_TIMESTAMP):
        raise BadSignature(f"{TIMESTAMP} is no time: it has to be whole seconds since 1970, such as 1767225600")
    # A header may hold bytes that are no text; they come as surrogates.
    given = signature.encode(errors="surrogateescape")
    if not hmac.compare_digest(given, signature_of(key, timestamp, body).encode()):
        raise BadSignature(
            "The signature does not fit: is it made with this hook's secret, over timestamp, dot and body?"
        )
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
        minutes = TOLERANCE // timedelta(minutes=1)
        raise BadSignature(f"The call was signed more than {minutes} minutes from now: is the sender's clock right?")
