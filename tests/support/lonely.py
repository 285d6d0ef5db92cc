"""Jobs that must not meet: each run writes down when it begins and ends its work, in a file that all workers share."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.workers.door import Result, RunContext, succeeded

ATTIC = "library.attic"
STEPS, STEP_S = 4, 0.05


class Lonely:
    """A handler that takes a few steps, each after a look whether it is still alone."""

    def __init__(self, journal: Path, resource: str = ATTIC, steps: int = STEPS) -> None:
        self._journal = journal
        self._resource = resource
        self._steps = steps

    async def __call__(self, run: RunContext) -> Result:
        async with run.hold(self._resource, "Attic's library") as held:
            note(self._journal, f"begin {run.id}.{run.attempt}")
            for _ in range(self._steps):
                await held.check()
                note(self._journal, f"step {run.id}.{run.attempt}")
                await asyncio.sleep(STEP_S)
            note(self._journal, f"end {run.id}.{run.attempt}")
        return succeeded()


def note(journal: Path, line: str) -> None:
    """One line more, whole, whoever else writes."""
    with journal.open("a") as file:
        file.write(line + "\n")


def lines(journal: Path) -> list[str]:
    """All that was written so far."""
    return journal.read_text().splitlines() if journal.exists() else []


def met(journal: Path, gone: str = "") -> list[str]:
    """What was written while another had begun and not ended; none is as it should be.

    `gone` is the attempt that never ended: whoever begins after it has its place.
    """
    inside = ""
    strange = []
    for line in lines(journal):
        what, _, who = line.partition(" ")
        if what == "begin" and inside in {"", gone}:
            inside = who
        elif who != inside:
            strange.append(line)
        elif what == "end":
            inside = ""
    return strange
