"""What NATS does not do by itself after its disk was full.

A stream that could not be written once refuses every write from then on, room or not, until the server is started
again (measured with 2.15). It says so in its log each time.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOM = 64 * 1024 * 1024  # bytes
_REFUSED = b"no space left on device"


class NewLines:
    """What a log has got since the last look at it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = self._size()

    def take(self) -> bytes:
        """All of it; of a log that was begun anew, all that it has."""
        size = self._size()
        if size < self._seen:
            self._seen = 0
        if size == self._seen:
            return b""
        with suppress(FileNotFoundError), self._file.open("rb") as log:
            log.seek(self._seen)
            lines = log.read(size - self._seen)
            self._seen += len(lines)
            return lines
        return b""

    def _size(self) -> int:
        with suppress(FileNotFoundError):  # it may be exchanged for a new one just now
            return self._file.stat().st_size
        return 0


async def refused_for_nothing(log: Path, folder: Path, report: Callable[[str], None], look_s: float) -> None:
    """Wait until the server that writes this `log` refuses what it could write to `folder`; looks every `look_s`.

    Of a disk that is full, `report` is told.
    """
    lines = NewLines(log)
    told = False
    while True:
        await asyncio.sleep(look_s)
        if _REFUSED not in lines.take():
            continue
        if shutil.disk_usage(folder).free >= ROOM:
            return
        if not told:
            report(f"the disk is full: nothing fires until {ROOM // 1024**2} MiB are free for {folder}")
            told = True
