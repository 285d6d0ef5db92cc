"""The link by which somebody unsubscribes without logging in: it proves that we wrote it, and tells nothing else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

PURPOSE = "unsubscribing"
"""What the key is derived for; see `Vault.derived`."""

ID_BYTES, PROOF_BYTES = 16, 16  # 128 bits can't be guessed, and keep the link short


def token_for(person_id: UUID, key: bytes) -> str:
    """What stands in a person's link: letters, digits, - and _."""
    return base64.urlsafe_b64encode(person_id.bytes + _proof(person_id, key)).rstrip(b"=").decode()


def person_of(token: str, key: bytes) -> UUID | None:
    """Whose link it is; None: it is none of ours."""
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(whole) != ID_BYTES + PROOF_BYTES:
        return None
    person_id = UUID(bytes=whole[:ID_BYTES])
    return person_id if hmac.compare_digest(whole[ID_BYTES:], _proof(person_id, key)) else None


def link_for(person_id: UUID, key: bytes, public_url: str) -> str:
    """A person's link; "" without a `public_url`."""
    return f"{public_url.rstrip('/')}/unsubscribe/{token_for(person_id, key)}" if public_url else ""


def _proof(person_id: UUID, key: bytes) -> bytes:
    return hmac.digest(key, person_id.bytes, hashlib.sha256)[:PROOF_BYTES]
