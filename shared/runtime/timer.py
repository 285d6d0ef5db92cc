"""Going off after a while, to a fraction of a millisecond."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol


class Timer(Protocol):
    """Calls what it was made with, each time that it was set; setting it anew forgets the time before."""

    def set(self, delay_s: float) -> None:
        """Go off in `delay_s` seconds, which are more than 0."""

    def close(self) -> None:
        """Go off no more."""


def open_timer(ring: Callable[[], None]) -> Timer:
    """The most exact one that this system has, in the running event loop; to be closed."""
    return KernelTimer(ring) if sys.platform == "linux" else LoopTimer(ring)


class LoopTimer:
    """By the event loop's own clock. uvloop's counts whole milliseconds."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None

    def set(self, delay_s: float) -> None:
        self.close()
        self._handle = asyncio.get_running_loop().call_later(delay_s, self._ring)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


class _Setting(ctypes.Structure):
    """`struct itimerspec`."""

    _fields_ = (
        ("every_s", ctypes.c_long),
        ("every_ns", ctypes.c_long),
        ("after_s", ctypes.c_long),
        ("after_ns", ctypes.c_long),
    )


class KernelTimer:
    """Linux' own (timerfd_create(2)), late by a tenth of a millisecond. Python has it from 3.13, before that the C
    library. Raises `OSError`."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._c = ctypes.CDLL(None, use_errno=True)
        flags = os.O_NONBLOCK | os.O_CLOEXEC
        self._descriptor = _checked(self._c.timerfd_create(time.CLOCK_MONOTONIC, flags))
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, self._went_off)

    def set(self, delay_s: float) -> None:
        seconds, rest = divmod(max(1, int(delay_s * 1e9)), 1_000_000_000)  # 0 would be never
        setting = _Setting(after_s=seconds, after_ns=rest)
        _checked(self._c.timerfd_settime(self._descriptor, 0, ctypes.byref(setting), None))

    def close(self) -> None:
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)

    def _went_off(self) -> None:
        with suppress(BlockingIOError):  # it has been set anew in this very moment
            os.read(self._descriptor, 8)
            self._ring()


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
