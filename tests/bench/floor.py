"""What the disk and the clock of this machine do by themselves: no figure that waits for them can be better."""

from __future__ import annotations

import os
import tempfile
import time

from .readings import Reading, percentile

WRITES = 400
EVERY_S = 0.01
ENTRY = b"\0" * 600  # about what a tick takes


def readings(figure: str) -> list[Reading]:
    """Some seconds of writes, each on disk before the next, and of sleeps between them. Said of what was measured
    beside it."""
    with tempfile.TemporaryFile() as file:
        overslept, taken = zip(*(_slept_and_written(file.fileno()) for _ in range(WRITES)), strict=True)
    return [_reading("a write to the disk", figure, taken), _reading("waking from a sleep", figure, overslept)]


def _slept_and_written(descriptor: int) -> tuple[float, float]:
    """Milliseconds that a sleep took too long, and that a write took."""
    began = time.perf_counter()
    time.sleep(EVERY_S)
    woken = time.perf_counter()
    os.write(descriptor, ENTRY)
    os.fsync(descriptor)
    return (woken - began - EVERY_S) * 1000, (time.perf_counter() - woken) * 1000


def _reading(what: str, figure: str, taken: tuple[float, ...]) -> Reading:
    note = f"p50 {percentile(taken, 0.5):.2f} ms; nothing but this ran on the bench's side"
    return Reading(figure=f"{what} alone beside {figure}, p99", value=percentile(taken, 0.99), unit="ms", note=note)
