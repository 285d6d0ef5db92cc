"""What runs this machine, if it is a virtual one, beside those of others: what it withheld from us."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STOLEN = 8  # in the first line of /proc/stat (proc(5))
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
# In /sys/dev/block/*/stat (the kernel's Documentation/block/stat.rst): reads, writes, discards and flushes that ended,
# of which older kernels don't count the last.
_ENDED, _IN_FLIGHT = (0, 4, 11, 15), 8
# A bare write and flush takes a disk half a millisecond.
_LONG_S = 0.01


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
        """A hundred times a second it is seen whether the disk of temporary files ends what it was asked for."""
        stat = _stat(Path(tempfile.gettempdir()))
        if stat is None:
            yield
            return
        enough = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(stat, enough))
        watcher.start()
        try:
            yield
        finally:
            enough.set()
            watcher.join()

    def _watch(self, stat: Path, enough: threading.Event) -> None:
        before, at = _requests(stat), time.monotonic()
        while not enough.wait(_LONG_S):
            requests, now = _requests(stat), time.monotonic()
            self._disk_s += now - at if stood_still(before, requests) else 0.0
            before, at = requests, now


def stood_still(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a disk had requests and ended none, by how many were in flight and how many had ended, at two moments."""
    return before[0] > 0 and after[1] == before[1]


def _stat(folder: Path) -> Path | None:
    """Where the system counts for the disk of a folder; None if it is in memory, say, or not on one disk."""
    device = folder.stat().st_dev
    stat = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    return stat if stat.exists() else None


def _requests(stat: Path) -> tuple[int, int]:
    """How many are in flight, and how many have ended."""
    counts = [int(count) for count in stat.read_text().split()]
    return counts[_IN_FLIGHT], sum(counts[field] for field in _ENDED if field < len(counts))


def _stolen_s() -> float:
    """Of all processors together."""
    return int(Path("/proc/stat").read_text().split(maxsplit=_STOLEN + 1)[_STOLEN]) * _TICK_S
