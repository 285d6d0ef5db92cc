"""A disk of its own that can be filled in a moment: a tmpfs, which takes the rights of root to mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 8 * 1024**3  # bytes; a tmpfs takes no memory for what is not written
PAGE = 4096


class Disk:
    """Mounted at `place`; `ours` says whether it can be filled without harming anybody else."""

    def __init__(self, place: Path, ours: bool, size: int) -> None:
        self.ours = ours
        self._place = place
        self._size = size

    def fill(self) -> None:
        """Leave no page, by taking away all that is free."""
        room = os.statvfs(self._place)
        self._resize((room.f_blocks - room.f_bfree) * room.f_frsize + PAGE)

    def clear(self) -> None:
        """Give the room back."""
        self._resize(self._size)

    def _resize(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self._place)], check=True)


@contextmanager
def own_disk(place: Path, size: int = SIZE) -> Iterator[Disk]:
    """A disk of `size` bytes at `place`; where nobody lets us mount one, the folder as it is, which is never filled."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield Disk(place, mounted, size)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)
