"""Clocks that can be set, a process its own, without the process knowing: libfaketime, where it is installed.

Only the wall clock is wrong; the clock that counts seconds since the start goes on, as it does when people set a clock.
"""

from __future__ import annotations

from pathlib import Path

PLACES = (
    "/usr/lib/*/faketime/libfaketime.so.1",
    "/usr/lib*/faketime/libfaketime.so.1",
    "/usr/local/lib/faketime/libfaketime.so.1",
)


def library() -> Path | None:
    """Where libfaketime is; None where it is not installed."""
    return next((found for place in PLACES for found in Path("/").glob(place[1:])), None)


class Clock:
    """The clock of the processes that are started with `env`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._library = library()
        self.set_right()

    @property
    def env(self) -> dict[str, str]:
        if self._library is None:
            return {}
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def step(self, seconds: float) -> None:
        """Be wrong by so much from now on."""
        # In one rename: a reader that finds half a file would take it for another time.
        scratch = self._file.with_suffix(".new")
        scratch.write_text(f"{seconds:+.3f}\n")
        scratch.rename(self._file)

    def set_right(self) -> None:
        """Show the right time again."""
        self.step(0.0)
