"""Asking for many things one by one, a few at the same time: one that fails stops no other, many that fail stop all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from shared.outside.errors import OutsideError, Unauthorized

T = TypeVar("T")

AT_ONCE = 8
MOST_FAILURES = 10


class Troubles:
    """What could not be looked at, a clause each; `transient`: another attempt may do better.

    `over` is the failure after which nothing more is asked: a key that is refused, or one failure too many.
    """

    def __init__(self) -> None:
        self.clauses: list[str] = []
        self.transient = False
        self.over: OutsideError | None = None

    def note(self, what: str, error: OutsideError) -> None:
        """That something could not be looked at."""
        self.clauses.append(f"{what}: {error}")
        self.transient = self.transient or error.transient
        if isinstance(error, Unauthorized) or len(self.clauses) > MOST_FAILURES:
            self.over = error


async def each(
    entries: Iterable[T], do: Callable[[T], Awaitable[None]], named: Callable[[T], str], troubles: Troubles
) -> None:
    """Do it for each; what fails is noted. OutsideError: the failure after which it was given up."""
    left = iter(entries)

    async def work() -> None:
        for entry in left:
            if troubles.over is not None:
                return
            try:
                await do(entry)
            except OutsideError as error:
                troubles.note(named(entry), error)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    if troubles.over is not None:
        raise troubles.over
