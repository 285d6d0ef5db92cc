"""Waking those who watch one run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID


class RunWatch:
    """Who watches which run."""

    def __init__(self) -> None:
        self._watchers: dict[UUID, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, run: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the run changes."""
        changed = asyncio.Event()
        self._watchers.setdefault(run, set()).add(changed)
        try:
            yield changed
        finally:
            watchers = self._watchers[run]
            watchers.discard(changed)
            if not watchers:
                del self._watchers[run]

    def changed(self, runs: Iterable[UUID]) -> None:
        """These runs have changed."""
        if self._watchers:
            for run in runs:
                for watcher in self._watchers.get(run, ()):
                    watcher.set()

    def wake_all(self) -> None:
        """Anything may have changed, or the end has come."""
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.set()
