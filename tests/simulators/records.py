"""What a simulated server remembers of what was asked of it, and of what was changed on it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from msgspec import Struct

from tests.simulators.patterns import matches

NEWEST = 1000
"""How many requests are remembered one by one."""


class Asked(Struct, frozen=True, kw_only=True):
    """One request: the names in its query, and its body if that is JSON."""

    method: str
    path: str
    query: frozenset[str]
    body: object


class Requests:
    """Requests counted by method and path; neither headers nor what the query says, so that no token is kept."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()
        self._arrival = asyncio.Condition()
        self.unknown: Counter[str] = Counter()
        """Requests that no route knew, as "METHOD /path"."""
        self.newest: deque[Asked] = deque(maxlen=NEWEST)

    async def note(self, asked: Asked) -> None:
        """Count one request, at its arrival."""
        async with self._arrival:
            self._seen[asked.method, asked.path] += 1
            self.newest.append(asked)
            self._arrival.notify_all()

    def count(self, method: str = "*", pattern: str = "**") -> int:
        """How many requests came in with this method (or any, `*`) whose path fits the pattern."""
        wanted = method.upper()
        return sum(
            times for (verb, path), times in self._seen.items() if wanted in ("*", verb) and matches(pattern, path)
        )

    async def reach(self, count: int, method: str = "*", pattern: str = "**") -> None:
        """Wait until at least `count` such requests have come in."""
        async with self._arrival:
            await self._arrival.wait_for(lambda: self.count(method, pattern) >= count)

    def sent(self) -> list[Asked]:
        """The newest requests that were meant to change something."""
        return [asked for asked in self.newest if asked.method not in ("GET", "HEAD")]

    def clear(self) -> None:
        """Count from nought again."""
        self._seen.clear()
        self.unknown.clear()
        self.newest.clear()


class Change(Struct, frozen=True, kw_only=True):
    """One thing that a client changed on a server: `what` ("share.created"), and whom or what it befell."""

    what: str
    subject: str
    detail: str = ""


class Journal:
    """Changes made by clients, in order; what "exactly once" is checked against."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def note(self, what: str, subject: object, detail: object = "") -> None:
        """Write down one change that has been made."""
        self.changes.append(Change(what=what, subject=str(subject), detail=str(detail)))

    def count(self, what: str = "*", subject: object | None = None) -> int:
        """How many changes of this kind (a path pattern, `share.*`) were made, to this subject or to any."""
        return sum(
            matches(what, change.what) and (subject is None or change.subject == str(subject))
            for change in self.changes
        )
