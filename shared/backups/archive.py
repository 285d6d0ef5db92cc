"""The file: a ZIP archive without compression, whose members are listed in its manifest."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import BackupFailed, BadBackup
from .manifest import LARGEST, Manifest, Member, decoded

MANIFEST, SIGNATURE = "manifest.json", "manifest.hmac"
DATABASE, KEY = "database.dump", "key.sealed"
PIECE = 1024 * 1024  # bytes read at once


def measured(path: Path) -> Member:
    """A file's length and checksum."""
    with path.open("rb") as file:
        return Member(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=file.tell())


def write(path: Path, manifest: bytes, signature: bytes, members: Mapping[str, Path]) -> None:
    """Write a backup into an empty file that is there, down to the disk."""
    with path.open("r+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(MANIFEST, manifest)
            archive.writestr(SIGNATURE, signature)
            for name, source in members.items():
                archive.write(source, name)
        file.flush()
        os.fsync(file.fileno())


class Archive:
    """A backup that is open for reading: its manifest as it was written, and its members."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.content = self.small(MANIFEST)
        self.manifest: Manifest = decoded(self.content)

    def check(self) -> None:
        """Read all of it. BadBackup: a member is missing, strange, or not as the manifest says."""
        listed = {MANIFEST, SIGNATURE, *self.manifest.members}
        there = [member.filename for member in self._archive.infolist()]
        if sorted(there) != sorted(listed) or DATABASE not in self.manifest.members:
            raise BadBackup("this backup does not hold what it says that it holds: it was altered")
        for name in self.manifest.members:
            self._read(name, None)

    def extract(self, name: str, target: Path) -> None:
        """Write a member into a new file. BadBackup: it is not as the manifest says."""
        self._read(name, target)

    def small(self, name: str) -> bytes:
        """A member of little size. BadBackup: it is missing, or large."""
        try:
            member = self._archive.getinfo(name)
        except KeyError:
            raise BadBackup(f"this is no backup of Showrunner's: it has no {name}") from None
        if member.file_size > LARGEST or member.compress_type != zipfile.ZIP_STORED:
            raise BadBackup(f"{name} in this backup is not as Showrunner writes it")
        return self._archive.read(member)

    def _read(self, name: str, target: Path | None) -> None:
        said = self.manifest.members[name]
        if self._archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
            raise BadBackup(f"{name} in this backup is not as Showrunner writes it")
        digest = hashlib.sha256()
        with self._archive.open(name) as source, open(target or os.devnull, "wb") as copy:
            while piece := source.read(PIECE):
                digest.update(piece)
                copy.write(piece)
        if digest.hexdigest() != said.sha256:
            raise BadBackup(f"{name} in this backup is not what was written: the file is damaged or was altered")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A backup, for reading. BadBackup: it is not whole, or none; BackupFailed: it can't be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield Archive(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadBackup("this file is truncated or damaged, or it is no backup") from error
    except OSError as error:
        raise BackupFailed(
            f"{path.name} can't be read, or not copied ({error.strerror or type(error).__name__})"
        ) from error
