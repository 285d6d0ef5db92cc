"""Folders for servers: short enough for a unix socket's path, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK, MEMORY = Path("/tmp"), Path("/dev/shm")
ROOM_BYTES = 4 * 1024**3
"""What servers of several tests at once may take; where less is free in memory, they lie on the disk."""


@contextmanager
def short_folder(parent: Path | None = None) -> Iterator[Path]:
    """A private folder with a short path, removed with all that is in it.

    It lies in memory where there is room: a database for each test costs ten times as much on a disk, and no test
    takes the machine's power away. What measures the disk says so: `parent` is `DISK`.
    """
    with tempfile.TemporaryDirectory(prefix="sr-", dir=parent or _roomy(), ignore_cleanup_errors=True) as name:
        yield Path(name)


def _roomy() -> Path:
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_BYTES:
        return MEMORY
    return DISK
