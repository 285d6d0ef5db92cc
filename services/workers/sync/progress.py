"""The progress of several servers, told as one."""

from __future__ import annotations

from ..clients.steps import Step
from ..door import RunContext


class Progress:
    """Of `count` servers that are worked on at once, each an equal share."""

    def __init__(self, run: RunContext, count: int) -> None:
        self._run = run
        self._shares = [0.0] * count

    def of(self, index: int, name: str) -> Step:
        """What the server of that number tells its progress to."""

        def step(share: float, note: str) -> None:
            self._shares[index] = share
            self._run.progress(sum(self._shares) / len(self._shares), f"{name}: {note}")

        return step
