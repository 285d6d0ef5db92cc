"""What runs this machine, if it is a virtual one, beside those of others: what it withheld from us."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .floor import ENTRY

_STOLEN = 8  # in the first line of /proc/stat (proc(5))
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
# A bare write and fsync takes 0.3 ms, and 3 behind the writes of all services: what takes this long is not our doing.
_LONG_S = 0.02
_EVERY_S = 0.05


class Host:
    """From when this was made."""

    def __init__(self) -> None:
        self._since, self._before = time.monotonic(), _stolen_s()
        self._disk_s = 0.0

    def taken(self) -> float:
        """The share (0 to 1) of the processors' time that was wanted here and given to others, and of the time in which
        the disk stood still, as far as it is watched.

        0 where the host does not say.
        """
        processors_s = (_stolen_s() - self._before) / (os.cpu_count() or 1)
        return (processors_s + self._disk_s) / (time.monotonic() - self._since)

    @contextmanager
    def watching_the_disk(self) -> Iterator[None]:
        """Twenty times a second something is written to the disk, which must not take long."""
        enough = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(enough,))
        watcher.start()
        try:
            yield
        finally:
            enough.set()
            watcher.join()

    def _watch(self, enough: threading.Event) -> None:
        with tempfile.TemporaryFile() as file:
            while not enough.wait(_EVERY_S):
                began = time.monotonic()
                os.write(file.fileno(), ENTRY)
                os.fsync(file.fileno())
                took_s = time.monotonic() - began
                self._disk_s += took_s if took_s >= _LONG_S else 0.0


def _stolen_s() -> float:
    """Of all processors together."""
    return int(Path("/proc/stat").read_text().split(maxsplit=_STOLEN + 1)[_STOLEN]) * _TICK_S
