"""Where NATS puts batches together: in memory, so that no batch waits for a disk twice.

Until an atomic batch is whole, the server keeps it in files of its own in a folder `batches` of the stream. It has them
flushed to the disk, though nobody reads them after a crash: when it starts, it removes what it finds there (looked up
in 2.12, measured with 2.15). What is acknowledged stands in the stream itself, flushed, as ever.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR

MEMORY = Path("/dev/shm")
ROOM = 64 * 1024 * 1024  # bytes


class Staging:
    """The folder `batches` of one `stream`, whose folder that is.

    It is for speed alone: where the system has no folder in memory, or no room in it, the server makes its own.
    """

    def __init__(self, stream: Path, memory: Path = MEMORY) -> None:
        self._link = stream / "batches"
        self._folder = memory / f"showrunner-{sha256(os.fsencode(stream)).hexdigest()[:16]}"

    def look(self) -> None:
        """Have it as it should be now, while the server runs. What that is putting together stays where it is; so under
        load it may take more than one look."""
        room = self._has_room()
        with suppress(OSError):
            if not room:
                self._link.unlink()
            elif not self._link.is_symlink():
                self._link.mkdir(parents=True, exist_ok=True)
                self._link.rmdir()
                self._link.symlink_to(self._folder)

    def clear(self) -> None:
        """Take away what is there, while the server does not run."""
        with suppress(OSError):
            if self._ours():
                shutil.rmtree(self._folder)

    def _has_room(self) -> bool:
        try:
            with suppress(FileExistsError):
                self._folder.mkdir(mode=0o700)
            return self._ours() and shutil.disk_usage(self._folder).free >= ROOM
        except OSError:
            return False

    def _ours(self) -> bool:
        """Anybody may make a folder there, or a link to somewhere else."""
        found = self._folder.lstat()
        return S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
