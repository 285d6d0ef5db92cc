"""Secrets: never shown by accident, and encrypted where they are kept.

VaultError
├── BadKey      the key file can't be read, or holds no key (see `keys`)
└── WrongKey    what is kept was sealed with another key, or for another place
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .keys import KEY_BYTES, BadKey, KeyFile, VaultError, format_key, parse_keys

__all__ = ["KEY_BYTES", "BadKey", "Secret", "Vault", "VaultError", "WrongKey"]

NONCE_BYTES = 12  # AES-256-GCM with the nonce length of NIST SP 800-38D
FORMAT = b"\x01"


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
    """Seals secrets for one place (a table and row), so that a sealed one can't be moved to another.

    It seals with the first of its keys, and opens what any of them has sealed. Keys from a file are read anew when the
    file has changed, so that whoever runs while keys are exchanged goes on with the new ones.
    """

    def __init__(self, *keys: bytes, origin: str = "the given key", file: KeyFile | None = None) -> None:
        self._keys = keys
        self._origin = origin
        self._file = file

    @classmethod
    def from_file(cls, path: Path) -> Vault:
        """The vault of a key file, which is made (mode 0600) if it is missing. BadKey: it can't be, or holds no key."""
        file = KeyFile(path)
        return cls(*file.read(), origin=f"the key file {path}", file=file)

    @classmethod
    def from_text(cls, text: Secret) -> Vault:
        """The vault of keys that were given as a setting. BadKey: they are none."""
        keys = parse_keys(text.reveal())
        if not keys:
            raise BadKey("SHOWRUNNER_KEY holds no key of ours: `showrunner key new` makes one")
        return cls(*keys, origin="the key in SHOWRUNNER_KEY")

    def each(self) -> tuple[Vault, ...]:
        """A vault for each of the keys, the newest first."""
        return tuple(Vault(key, origin=self._origin) for key in self._present())

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose, always the same; nothing of the vault's own can be told from it (RFC 5869)."""
        return _derived(self._present()[0], purpose)

    def derivations(self, purpose: str) -> tuple[bytes, ...]:
        """The same of each key, the newest first: what was made with a former one is known by it."""
        return tuple(_derived(key, purpose) for key in self._present())

    def sealed_in(self, other: Vault, place: str) -> bytes:
        """This vault's keys, sealed by another vault."""
        return other.seal(Secret("\n".join(map(format_key, self._present()))), place)

    @classmethod
    def unsealed_from(cls, sealed: bytes, other: Vault, place: str) -> Vault:
        """The vault whose keys `other` has sealed. WrongKey: see `unseal`."""
        return cls(*parse_keys(other.unseal(sealed, place).reveal()), origin="the unsealed key")

    def _present(self) -> tuple[bytes, ...]:
        if self._file is not None and self._file.changed:
            # Half-written or gone, it is no reason to forget what we know.
            with suppress(BadKey):
                self._keys = self._file.read()
        return self._keys

    def seal(self, secret: Secret, place: str) -> bytes:
        """Encrypt `secret` for `place`, for instance "server/<id>/token"."""
        nonce, key = os.urandom(NONCE_BYTES), self._present()[0]
        return FORMAT + nonce + AESGCM(key).encrypt(nonce, secret.reveal().encode(), place.encode())

    def unseal(self, sealed: bytes, place: str) -> Secret:
        """Decrypt what was sealed for `place`. WrongKey: it was not, or the key is another, or it was altered."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        for key in self._present() if sealed[:1] == FORMAT else ():
            with suppress(InvalidTag, ValueError):
                return Secret(AESGCM(key).decrypt(nonce, body, place.encode()).decode())
        raise WrongKey(
            f"The secret of {place} was not sealed with {self._origin}: "
            "put the key file that belongs to this database back, or enter the secret anew"
        )


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
