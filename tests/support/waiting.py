"""Waiting on a condition instead of for a time."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.1  # seconds between looks


@overload
async def wait_until(predicate: Callable[[], Awaitable[T | None]], timeout: float = ..., *, what: str = ...) -> T: ...


@overload
async def wait_until(predicate: Callable[[], T | None], timeout: float = ..., *, what: str = ...) -> T: ...


async def wait_until(predicate: Callable[[], object], timeout: float = 10, *, what: str = "the condition") -> object:
    """Look until `predicate`, plain or async, gives something true, and return that.

    Fails with an AssertionError that names `what`, the last value and the last AssertionError after `timeout` seconds.
    An AssertionError from the predicate means "not yet"; any other error is raised at once.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        value, complaint = await _look(predicate)
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s in vain for {what}; the last look gave {complaint or value!r}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


async def _look(predicate: Callable[[], object]) -> tuple[object, str]:
    try:
        found = predicate()
        return (await found if inspect.isawaitable(found) else found), ""
    except AssertionError as error:
        return None, f"AssertionError: {error}"
