"""The door to backups, for worker, gateway and command line alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Mapping
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from shared.runtime.clock import utc_now
from shared.runtime.database import migrate
from shared.runtime.secrets import Secret, Vault

from . import archive, programs
from .arriving import LARGEST, arrived
from .database import Snapshot, present, scratch, snapshot
from .errors import BackupFailed, BadBackup
from .exchange import exchange
from .manifest import FORMAT, PRODUCT, Manifest, Why, fingerprint, signature
from .opening import Opened, checked, refuse_newer, whole
from .passphrase import sealed_key
from .resealing import reseal
from .shelf import Backup, Shelf

NONE = Secret("")


class Restored(Struct, frozen=True, kw_only=True):
    """`kept` names the backup that the state before was kept in; it is empty where there was nothing to keep.

    `resealed` counts the secrets that were sealed anew, because the backup brought another key.
    """

    backup: str
    made_at: str
    rows: int
    kept: str
    resealed: int


class Backups:
    """Backups of the database at `url`, in `folder`.

    `schemas` are all of ours, each with the folder of its migrations. `passphrase`, if any, seals the key into each
    backup, and opens those that were made elsewhere with the same one.
    """

    def __init__(
        self, folder: Path, url: Secret, vault: Vault, schemas: Mapping[str, Path], passphrase: Secret = NONE
    ) -> None:
        self.shelf = Shelf(folder)
        self._url = url
        self._vault = vault
        self._schemas = schemas
        self._passphrase = passphrase

    async def listed(self) -> list[Backup]:
        """All backups, the newest first. BackupFailed."""
        return await asyncio.to_thread(self.shelf.listed)

    async def make(self, why: Why, passphrase: Secret = NONE) -> Backup:
        """Make one of what the database holds at one moment. BackupFailed: there is none then."""
        with self.shelf.work() as work:
            dump, at = work / archive.DATABASE, utc_now()
            async with snapshot(self._url, self._schemas) as moment:
                if not any(moment.applied.values()):
                    raise BackupFailed("the database holds nothing of Showrunner's, so there is nothing to back up")
                await programs.run("pg_dump", self._url, *self._dumped(moment), "--format=custom", f"--file={dump}")
            members = {archive.DATABASE: dump}
            if sealing := passphrase or self._passphrase:
                members[archive.KEY] = work / archive.KEY
                members[archive.KEY].write_bytes(await asyncio.to_thread(sealed_key, self._vault, sealing))
            manifest = Manifest(
                product=PRODUCT,
                format=FORMAT,
                version=version(PRODUCT),
                postgres=moment.postgres,
                made_at=at,
                why=why,
                key=fingerprint(self._vault),
                applied=moment.applied,
                counts=moment.counts,
                members={name: await asyncio.to_thread(archive.measured, path) for name, path in members.items()},
            )
            content = msgspec.json.encode(manifest)
            name = await asyncio.to_thread(self.shelf.put, at, content, signature(content, self._vault), members)
        return await asyncio.to_thread(self.shelf.one, name)

    async def check(self, path: Path, passphrase: Secret = NONE) -> Manifest:
        """Read a backup to its end. BadBackup: it can't be restored here; see `checked` and `refuse_newer`."""
        opened = await asyncio.to_thread(checked, path, self._vault, passphrase or self._passphrase)
        refuse_newer(opened.manifest, self._schemas)
        return opened.manifest

    async def take_in(self, pieces: AsyncIterable[bytes], largest: int = LARGEST) -> Backup:
        """Put a backup that comes from elsewhere on the shelf, once it has proved that it is whole.

        BadBackup: it can't be restored here, or has more than `largest` bytes. BackupFailed: there is no room for it.
        """
        with self.shelf.work() as work:
            file = work / "arriving"
            await arrived(pieces, file, largest)
            manifest = await asyncio.to_thread(whole, file, self._vault)
            refuse_newer(manifest, self._schemas)
            name = await asyncio.to_thread(self.shelf.take, file, manifest.made_at)
        return await asyncio.to_thread(self.shelf.one, name)

    async def newest_good(self) -> Backup | None:
        """The newest backup that is whole and untouched; None if there is none. BackupFailed."""
        for backup in await self.listed():
            try:
                await self.check(self.shelf.path(backup.name))
            except BadBackup:
                continue
            return backup
        return None

    async def verify(self, path: Path) -> Manifest:
        """Restore a backup into a database of its own, compare, and throw that away. BadBackup; BackupFailed."""
        with self.shelf.work() as work:
            opened = await self._opened(path, NONE, work)
            async with scratch(self._url) as beside:
                await self._tried(beside, opened, work)
        return opened.manifest

    async def restore(self, path: Path, passphrase: Secret = NONE, *, keep: bool = True) -> Restored:
        """Put what a backup holds in the place of what the database holds, in one transaction.

        The state before is kept as a backup, unless `keep` is false (of a database that can't be read any more).
        BadBackup: refused, nothing was touched. BackupFailed: all is as it was.
        """
        with self.shelf.work() as work:
            opened = await self._opened(path, passphrase, work)
            script = work / "database.sql"
            async with scratch(self._url) as beside:
                await self._tried(beside, opened, work)
                for schema, folder in self._schemas.items():
                    await migrate(beside.reveal(), schema, folder)
                resealed = await self._resealed(beside, opened)
                async with snapshot(beside, self._schemas) as moment:
                    await programs.run("pg_dump", beside, *self._dumped(moment), f"--file={script}")
            here = await present(self._url, self._schemas)
            kept = (await self.make("before_restore")).name if here and keep else ""
            await exchange(self._url, script, here=here, counts=moment.counts, work=work)
        made_at = opened.manifest.made_at.isoformat()
        return Restored(backup=path.name, made_at=made_at, rows=opened.manifest.rows, kept=kept, resealed=resealed)

    async def _opened(self, path: Path, passphrase: Secret, work: Path) -> Opened:
        given = passphrase or self._passphrase
        opened = await asyncio.to_thread(checked, path, self._vault, given, dump=work / archive.DATABASE)
        refuse_newer(opened.manifest, self._schemas)
        return opened

    async def _tried(self, beside: Secret, opened: Opened, work: Path) -> None:
        """Restore into the empty database `beside`, and count. BadBackup: something is missing."""
        options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
        await programs.run("pg_restore", beside, *options, str(work / archive.DATABASE))
        async with snapshot(beside, self._schemas) as moment:
            said = opened.manifest.counts
            wrong = sorted(table for table in {*said, *moment.counts} if said.get(table) != moment.counts.get(table))
        if wrong:
            raise BadBackup(f"what this backup restores is not what was backed up: it differs in {', '.join(wrong)}")

    async def _resealed(self, beside: Secret, opened: Opened) -> int:
        if opened.vault is self._vault:
            return 0
        return await reseal(beside.reveal(), opened.vault, self._vault)

    def _dumped(self, moment: Snapshot) -> tuple[str, ...]:
        schemas = (f"--schema={schema}" for schema in self._schemas)
        return (*schemas, "--no-owner", "--no-privileges", f"--snapshot={moment.id}")
