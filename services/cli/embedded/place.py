"""The data folder: where it is, that it is private, and that one showrunner at a time uses it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from services.cli.embedded.errors import PlaceError
from services.cli.embedded.lock import holder, try_lock, write_holder

NAME = "showrunner"
SYSTEM_FOLDER = Path("/var/lib", NAME)  # the Filesystem Hierarchy Standard's place for what a program of root's keeps


class Place(NamedTuple):
    """A data folder that is ours until its context ends."""

    folder: Path

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def nats(self) -> Path:
        return self.folder / "nats"


def default_folder(environ: Mapping[str, str], *, home: Path, platform: str, system: bool) -> Path:
    """The folder when nobody chose one: the system's (`system`: we are root and may write there), else the user's own.

    The XDG Base Directory Specification on Linux, Apple's "File System Programming Guide" on macOS (`darwin`).
    """
    if system:
        return SYSTEM_FOLDER
    if platform == "darwin":
        return home / "Library" / "Application Support" / NAME
    chosen = Path(environ.get("XDG_DATA_HOME", ""))
    return (chosen if chosen.is_absolute() else home / ".local" / "share") / NAME


def may_use_system_folder() -> bool:
    """Whether we are root and can write in the system's folder, or make it."""
    nearest = SYSTEM_FOLDER if SYSTEM_FOLDER.exists() else SYSTEM_FOLDER.parent
    return os.geteuid() == 0 and os.access(nearest, os.W_OK | os.X_OK)


@contextmanager
def open_place(folder: Path) -> Iterator[Place]:
    """Make the folder if need be (mode 0700) and hold it. The mode of one that was there already is its owner's choice.

    Raises PlaceError if it can't be written to, or if another showrunner uses it.
    """
    folder = folder.expanduser().absolute()
    lock = folder / "lock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = try_lock(lock)
    except OSError as error:
        raise PlaceError(
            f"can't keep data in {folder} ({error.strerror}): choose a folder of your own with --data DIR"
        ) from error
    if descriptor is None:
        raise PlaceError(
            f"another showrunner (pid {holder(lock)}) uses {folder}: stop it, or choose another folder with --data DIR"
        )
    try:
        write_holder(descriptor, os.getpid())
        yield Place(folder)
    finally:
        os.close(descriptor)
