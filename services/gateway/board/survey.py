"""All jobs in figures, counted in one walk. What nothing has changed since is not counted again."""

from __future__ import annotations

from .board import Board


class Survey:
    """Of one board; looked at by whoever fetches the figures."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._sequence = -1
        self._jobs = 0
        self._failing: list[str] = []
        self._open: dict[str, float] = {}

    @property
    def jobs(self) -> int:
        """How many are in the catalogue."""
        self._walk()
        return self._jobs

    @property
    def failing(self) -> list[str]:
        """Those whose last run failed, in alphabetical order."""
        self._walk()
        return self._failing

    @property
    def open_runs(self) -> dict[str, float]:
        """By state, how many runs have not ended."""
        self._walk()
        return self._open

    def _walk(self) -> None:
        if self._sequence == self._board.sequence:
            return
        self._sequence = self._board.sequence
        self._jobs, failing, counts = 0, [], {"queued": 0.0, "running": 0.0, "retrying": 0.0}
        for entry in self._board.changed_since(0):
            if entry.spec is None:
                continue
            self._jobs += 1
            if entry.last is not None and entry.last.outcome == "failed":
                failing.append(entry.name)
            for run in entry.active:
                counts[run.state] += 1
        self._failing, self._open = sorted(failing), counts
