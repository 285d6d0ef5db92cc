"""The folder in which backups are kept."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from . import archive
from .errors import BackupFailed, BadBackup, NoSuchBackup
from .manifest import Manifest

NAME = re.compile(r"showrunner-(\d{8}-\d{6})\.backup")
MOMENT = "%Y%m%d-%H%M%S"
UNFINISHED, WORK = ".part", ".work-"


class Backup(Struct, frozen=True, kw_only=True):
    """A file on the shelf. `size` is in bytes; `fault` says why it is of no use, as far as its manifest tells."""

    name: str
    made_at: datetime
    size: int
    manifest: Manifest | None
    fault: str = ""


class Shelf:
    """Backups by name. All that it does waits for the disk: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def listed(self) -> list[Backup]:
        """All backups, the newest first. BackupFailed: the folder can't be read."""
        return [found for name in self._names() if (found := self._looked_at(name)) is not None]

    def one(self, name: str) -> Backup:
        """One backup. NoSuchBackup."""
        found = self._looked_at(name) if made_at(name) else None
        if found is None:
            raise NoSuchBackup(f"there is no backup named {name!r} in {self.folder}")
        return found

    def path(self, name: str) -> Path:
        """Where a backup is. NoSuchBackup; no other name leads anywhere."""
        if made_at(name) is None or not (self.folder / name).is_file():
            raise NoSuchBackup(f"there is no backup named {name!r} in {self.folder}")
        return self.folder / name

    def put(self, at: datetime, manifest: bytes, signature: bytes, members: Mapping[str, Path]) -> str:
        """Keep a backup, whole or not at all, even if the machine stops half-way; its name. BackupFailed."""
        return self._kept(at, lambda place: archive.write(place, manifest, signature, members))

    def take(self, file: Path, at: datetime) -> str:
        """Keep a whole backup that stands in a folder of `work`; its name, the former one if it is here already.

        BackupFailed.
        """
        for name in self._names():
            if filecmp.cmp(self.folder / name, file, shallow=False):
                return name
        return self._kept(at, file.replace)

    def _kept(self, at: datetime, fill: Callable[[Path], object]) -> str:
        try:
            name = self._reserved(at)
            unfinished = self.folder / f".{name}{UNFINISHED}"
            try:
                fill(unfinished)
                unfinished.rename(self.folder / name)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
            self._settle()
        except OSError as error:
            raise self._failed(error) from error
        return name

    def remove(self, name: str) -> None:
        """Delete a backup. NoSuchBackup; BackupFailed."""
        try:
            self.path(name).unlink()
            self._settle()
        except OSError as error:
            raise self._failed(error) from error

    def sweep(self, before: datetime) -> None:
        """Delete what was left behind, before this moment, by a process that died. BackupFailed."""
        try:
            for path in [*self.folder.glob(f".*{UNFINISHED}"), *self.folder.glob(f"{WORK}*")]:
                if path.stat().st_mtime >= before.timestamp():
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        except OSError as error:
            raise self._failed(error) from error

    @contextmanager
    def work(self) -> Iterator[Path]:
        """A private folder beside the backups, gone afterwards. BackupFailed: there is no room for one."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = tempfile.TemporaryDirectory(dir=self.folder, prefix=WORK, ignore_cleanup_errors=True)
        except OSError as error:
            raise self._failed(error) from error
        with folder as name:
            yield Path(name)

    def _names(self) -> list[str]:
        try:
            return sorted((path.name for path in self.folder.iterdir() if made_at(path.name)), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failed(error) from error

    def _reserved(self, at: datetime) -> str:
        """A name that nobody has or takes: `at`, or the first free second after it."""
        while True:
            name = f"showrunner-{at.astimezone(UTC):{MOMENT}}.backup"
            try:
                os.close(os.open(self.folder / f".{name}{UNFINISHED}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                pass
            else:
                if not (self.folder / name).exists():
                    return name
                (self.folder / f".{name}{UNFINISHED}").unlink()
            at += timedelta(seconds=1)

    def _looked_at(self, name: str) -> Backup | None:
        moment, path = made_at(name), self.folder / name
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return None
        assert moment is not None
        try:
            with archive.opened(path) as found:
                return Backup(name=name, made_at=moment, size=size, manifest=found.manifest)
        except (BadBackup, BackupFailed) as error:
            return Backup(name=name, made_at=moment, size=size, manifest=None, fault=str(error))

    def _settle(self) -> None:
        """See to it that a power cut does not take the last change of the folder back."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _failed(self, error: OSError) -> BackupFailed:
        reason = error.strerror or type(error).__name__
        return BackupFailed(f"backups can't be kept in {self.folder} ({reason}): see SHOWRUNNER_BACKUPS")


def made_at(name: str) -> datetime | None:
    """When a backup of this name was made; None: it is no name of a backup."""
    match = NAME.fullmatch(name)
    try:
        return datetime.strptime(match[1], MOMENT).replace(tzinfo=UTC) if match else None
    except ValueError:
        return None
