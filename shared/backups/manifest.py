"""What a backup says about itself, and how it proves that it is untouched."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from shared.runtime.secrets import Vault

from .errors import BadBackup, KeyDoesNotFit

PRODUCT, FORMAT = "showrunner", 1
LARGEST = 16 * 1024 * 1024  # bytes of a manifest

Why = Literal["schedule", "by_hand", "before_restore"]


class Head(Struct, frozen=True, kw_only=True):
    """What every format has, so that an unknown one can be named."""

    product: str
    format: int


class Member(Struct, frozen=True, kw_only=True):
    """A file in the backup: its length in bytes, and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


class Manifest(Head, frozen=True, kw_only=True):
    """`applied`: by schema the checksum of each migration; `counts`: the rows of each table, by its full name.

    `version` is Showrunner's and `postgres` PostgreSQL's; `key` tells keys apart, and nothing of the key.
    """

    version: str
    postgres: str
    made_at: datetime
    why: Why
    key: str
    applied: Mapping[str, Mapping[int, str]]
    counts: Mapping[str, int]
    members: Mapping[str, Member]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(self.counts.values())


def decoded(content: bytes) -> Manifest:
    """The manifest in these bytes. BadBackup: they are none, or one of a format that only a newer version knows."""
    try:
        head = msgspec.json.decode(content, type=Head)
        if head.product != PRODUCT:
            raise BadBackup(f"this is a backup of {head.product!r}, not of Showrunner")
        if head.format > FORMAT:
            raise BadBackup(f"a newer version of Showrunner made this backup (format {head.format}): install it first")
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError:
        raise BadBackup("this is no backup of Showrunner's: what it says about itself can't be read") from None


def fingerprint(vault: Vault) -> str:
    """What tells one key from another, and nothing of the key."""
    return hashlib.sha256(vault.derived("backup key")).hexdigest()[:16]


def signature(content: bytes, vault: Vault) -> bytes:
    """What only the holder of the key can make of a manifest: HMAC-SHA256 (RFC 2104)."""
    return hmac.digest(vault.derived("backups"), content, "sha256")


def check_signed(content: bytes, found: bytes, vault: Vault) -> None:
    """KeyDoesNotFit: it was signed with another key. BadBackup: it was altered since."""
    if decoded(content).key != fingerprint(vault):
        raise KeyDoesNotFit(
            "the secrets in this backup were sealed with another key than there is now: put the key file that belongs "
            "to it in place, or give the passphrase that the backup was made with"
        )
    if not hmac.compare_digest(found, signature(content, vault)):
        raise BadBackup("this backup was altered: what it says about itself is not what Showrunner wrote")
