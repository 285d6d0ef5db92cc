"""What the disk takes for one acknowledged write, by itself: no figure that waits for the disk can be better."""

from __future__ import annotations

import os
import tempfile
import time

from .readings import Reading, percentile

WRITES = 400
EVERY_S = 0.01
ENTRY = b"\0" * 600  # about what a tick takes


def readings(figure: str) -> list[Reading]:
    """Some seconds of writes, one after another, each on disk before the next. Said of what was measured beside it."""
    with tempfile.TemporaryFile() as file:
        taken = [_write(file.fileno()) for _ in range(WRITES)]
    note = f"p50 {percentile(taken, 0.5):.2f} ms; nothing but this ran on the bench's side"
    return [Reading(figure=f"the disk alone beside {figure}, p99", value=percentile(taken, 0.99), unit="ms", note=note)]


def _write(descriptor: int) -> float:
    time.sleep(EVERY_S)
    began = time.perf_counter()
    os.write(descriptor, ENTRY)
    os.fsync(descriptor)
    return (time.perf_counter() - began) * 1000
