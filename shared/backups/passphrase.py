"""The key in a backup, sealed by a passphrase."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from shared.runtime.secrets import KEY_BYTES, Secret, Vault, WrongKey

from .errors import BackupFailed, KeyDoesNotFit

SALT_BYTES = 16
SHORTEST = 12  # letters: whoever has the file may try as many as they like
PLACE = "backup/key"


def sealed_key(vault: Vault, passphrase: Secret) -> bytes:
    """The vault's key, for a backup. BackupFailed: the passphrase is too short."""
    if len(passphrase.reveal()) < SHORTEST:
        raise BackupFailed(f"a passphrase that guards the key has at least {SHORTEST} letters")
    salt = os.urandom(SALT_BYTES)
    return salt + vault.sealed_in(_vault_of(passphrase, salt), PLACE)


def unsealed_key(sealed: bytes, passphrase: Secret) -> Vault:
    """The vault that a backup was made with. KeyDoesNotFit: the passphrase is another."""
    salt, body = sealed[:SALT_BYTES], sealed[SALT_BYTES:]
    try:
        return Vault.unsealed_from(body, _vault_of(passphrase, salt), PLACE)
    except WrongKey:
        raise KeyDoesNotFit("the passphrase does not open the key in this backup") from None


def _vault_of(passphrase: Secret, salt: bytes) -> Vault:
    # 64 MiB, as OWASP's Password Storage Cheat Sheet has it for scrypt.
    derived = Scrypt(salt=salt, length=KEY_BYTES, n=2**16, r=8, p=2).derive(passphrase.reveal().encode())
    return Vault(derived, origin="this passphrase")
