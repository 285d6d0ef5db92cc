"""Secrets: never shown by accident, and encrypted where they are kept.

VaultError
├── BadKey      the key file can't be read, or holds no key
└── WrongKey    what is kept was sealed with another key, or for another place
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES = 32, 12  # AES-256-GCM with the nonce length of NIST SP 800-38D
FORMAT = b"\x01"


class VaultError(Exception):
    """A secret can't be kept or read; the message says how to mend it."""


class BadKey(VaultError):
    """The key file can't be read or made, or does not hold a key."""


class WrongKey(VaultError):
    """Sealed with another key, sealed for another place, or altered."""


class Secret:
    """A secret text. Printing, logging or formatting it shows dots; only `reveal` shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A Secret is not pickled: it would leave the process in the clear")


class Vault:
    """Seals secrets for one place (a table and row), so that a sealed one can't be moved to another."""

    def __init__(self, key: bytes, *, origin: str = "the given key") -> None:
        self._cipher = AESGCM(key)
        self._key = key
        self._origin = origin

    @classmethod
    def from_file(cls, path: Path) -> Vault:
        """The vault of a key file, which is made (mode 0600) if it is missing. BadKey: it can't be, or holds no key."""
        try:
            if not path.exists():
                _make_key(path)
            text = path.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise BadKey(f"The key file {path} can't be read or made ({error}): see SHOWRUNNER_KEY_FILE") from error
        try:
            key = base64.urlsafe_b64decode(text.strip())
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise BadKey(f"The key file {path} holds no key of ours: put the right file back from your backup")
        return cls(key, origin=f"the key file {path}")

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose, always the same; nothing of the vault's own can be told from it (RFC 5869)."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(self._key)

    def sealed_in(self, other: Vault, place: str) -> bytes:
        """This vault's key, sealed by another vault."""
        return other.seal(Secret(base64.urlsafe_b64encode(self._key).decode()), place)

    @classmethod
    def unsealed_from(cls, sealed: bytes, other: Vault, place: str) -> Vault:
        """The vault whose key `other` has sealed. WrongKey: see `unseal`."""
        return cls(base64.urlsafe_b64decode(other.unseal(sealed, place).reveal()), origin="the unsealed key")

    def seal(self, secret: Secret, place: str) -> bytes:
        """Encrypt `secret` for `place`, for instance "server/<id>/token"."""
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, secret.reveal().encode(), place.encode())

    def unseal(self, sealed: bytes, place: str) -> Secret:
        """Decrypt what was sealed for `place`. WrongKey: it was not, or the key is another, or it was altered."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if sealed[:1] != FORMAT:
                raise InvalidTag
            return Secret(self._cipher.decrypt(nonce, body, place.encode()).decode())
        except (InvalidTag, ValueError):
            raise WrongKey(
                f"The secret of {place} was not sealed with {self._origin}: "
                "put the key file that belongs to this database back, or enter the secret anew"
            ) from None


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Linked into place when it is whole: of several processes that start at once, all read the first one's key.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
