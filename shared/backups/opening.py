"""A backup that was checked wholly, and is ready to be restored somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from shared.runtime.database import BadMigrations, outstanding, read_migrations
from shared.runtime.secrets import Secret, Vault

from . import archive
from .errors import BadBackup, KeyDoesNotFit
from .manifest import Manifest, check_signed, fingerprint
from .passphrase import unsealed_key


class Opened(Struct, frozen=True, kw_only=True):
    """What a backup says, and the vault that opens its secrets: ours, or the one that it brought."""

    manifest: Manifest
    vault: Vault


def checked(path: Path, vault: Vault, passphrase: Secret, *, dump: Path | None = None) -> Opened:
    """Read a backup to its end; write its database into the new file `dump`. Waits for the disk: call it in a thread.

    BadBackup: it is not whole, untouched and ours. KeyDoesNotFit: its key is another, and no passphrase brings it.
    """
    with archive.opened(path) as found:
        found.check()
        own = _vault_of(found, vault, passphrase)
        signer = next((key for key in own.each() if fingerprint(key) == found.manifest.key), own)
        check_signed(found.content, found.small(archive.SIGNATURE), signer)
        if dump is not None:
            found.extract(archive.DATABASE, dump)
        return Opened(manifest=found.manifest, vault=own)


def whole(path: Path, vault: Vault) -> Manifest:
    """Read a backup from elsewhere to its end. Waits for the disk: call it in a thread.

    BadBackup: it is not whole or was altered. KeyDoesNotFit: its key is another, and no passphrase could bring it.
    Whether one that brings its key was altered shows only when that is opened.
    """
    with archive.opened(path) as found:
        found.check()
        signer = next((key for key in vault.each() if fingerprint(key) == found.manifest.key), None)
        if signer is not None or archive.KEY not in found.manifest.members:
            check_signed(found.content, found.small(archive.SIGNATURE), signer or vault)
        return found.manifest


def refuse_newer(manifest: Manifest, schemas: Mapping[str, Path]) -> None:
    """BadBackup: it has migrations that this version, whose migrations are in the folders `schemas`, does not know."""
    for schema, folder in schemas.items():
        try:
            outstanding(schema, read_migrations(folder), dict(manifest.applied.get(schema, {})))
        except BadMigrations as error:
            raise BadBackup(
                f"this backup, of Showrunner {manifest.version}, is not one that this version can restore: {error}"
            ) from error


def _vault_of(found: archive.Archive, vault: Vault, passphrase: Secret) -> Vault:
    if found.manifest.key in map(fingerprint, vault.each()):
        return vault
    if not passphrase:
        return vault
    if archive.KEY not in found.manifest.members:
        raise KeyDoesNotFit("this backup was made without a passphrase, so it brings no key: put its key file in place")
    return unsealed_key(found.small(archive.KEY), passphrase)
