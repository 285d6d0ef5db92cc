"""What happened in a storm, and when: a file beside those of the services."""

from __future__ import annotations

from pathlib import Path

from shared.runtime.clock import utc_now


class Journal:
    """Each line begins with the time, so that it can be laid beside the services' own words."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, what: str) -> None:
        """One line more."""
        with self._file.open("a") as file:
            file.write(f"{utc_now().isoformat(timespec='milliseconds')} {what}\n")
