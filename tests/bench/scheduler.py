"""A scheduler that writes down how late each tick was, as a process of its own: `python -m tests.bench.scheduler FILE`.

What it writes is what Showrunner shows as `showrunner_tick_lateness_seconds`: each value, instead of how many were how
large.
"""

from __future__ import annotations

import os
import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

import uvloop

from services.scheduler import service as scheduler
from services.scheduler.settings import SchedulerSettings
from shared.messaging import Retention, connect, declare
from shared.runtime.lifecycle import run_until_stopped
from shared.runtime.logs import configure_logs
from shared.runtime.metrics import Histogram, Meter
from shared.runtime.telemetry import Telemetry

LATENESS = "showrunner_tick_lateness_seconds"
# Whoever reads the file must wait as long for the values of its window.
WRITTEN_WITHIN_S = 1.0


class Recorder(Histogram):
    """Keeps each value with its time, and writes them down together, seldom enough to disturb nothing."""

    __slots__ = ("_file", "_noted", "_written_at")

    def __init__(self, bounds: Sequence[float], file: Path) -> None:
        super().__init__(bounds)
        self._file = file
        self._noted = array("d")
        self._written_at = 0.0

    def observe(self, value: float) -> None:
        super().observe(value)
        now = time.time()
        self._noted.extend((now, value))
        if now - self._written_at >= WRITTEN_WITHIN_S:
            with self._file.open("ab") as file:
                self._noted.tofile(file)
            self._noted = array("d")
            self._written_at = now


class RecordingMeter(Meter):
    """Every figure as it is, but the ticks' lateness recorded."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def histogram(self, name: str, what: str, bounds: Sequence[float], /, **labels: str) -> Histogram:
        if name == LATENESS:
            return Recorder(bounds, self._file)
        return super().histogram(name, what, bounds, **labels)


def recorded(file: Path, began: float, ended: float) -> list[float]:
    """The lateness, in milliseconds, of each tick that was on disk between two moments."""
    noted = array("d", file.read_bytes())
    return [late * 1000 for at, late in zip(noted[::2], noted[1::2], strict=True) if began <= at < ended]


async def main(file: Path) -> None:
    telemetry = Telemetry()
    telemetry.meter = RecordingMeter(file)
    async with connect(os.environ["SHOWRUNNER_NATS_URL"], "scheduler") as bus:
        await declare(bus, Retention())
        await run_until_stopped({"scheduler": scheduler.run(bus, SchedulerSettings(), telemetry)})


if __name__ == "__main__":
    configure_logs("json", "info", "scheduler")
    uvloop.run(main(Path(sys.argv[1])))
