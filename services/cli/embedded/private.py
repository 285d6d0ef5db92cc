"""Folders and files that nobody else on the machine may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def private_folder(folder: Path) -> None:
    """Make the folder, and take it away from everybody but its owner."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def private_opener(name: str, flags: int) -> int:
    """An opener for `open()`: mode 0600, and no link is followed.

    A server's folder may belong to its own user, who must not lead root's writing elsewhere.
    """
    return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def write_private(path: Path, content: bytes) -> None:
    """Write the file with mode 0600, whole or not at all, even if the machine stops half-way."""
    scratch = path.with_name(f"{path.name}.new")
    scratch.unlink(missing_ok=True)
    with open(scratch, "xb", opener=private_opener) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    rename_durably(scratch, path)


def rename_durably(source: Path, target: Path) -> None:
    """Rename within one folder, so that a power cut afterwards does not take it back."""
    source.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def secret_in(path: Path) -> str:
    """The secret kept in the file, made at the first call: 256 random bits that fit into a URL."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode())
    return path.read_text().strip()
