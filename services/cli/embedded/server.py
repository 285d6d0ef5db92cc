"""The life that both embedded servers share: start, become ready, come back after a crash, stop."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Self

from services.cli.embedded.account import Account
from services.cli.embedded.child import Child, spawn
from services.cli.embedded.errors import ServerError
from services.cli.embedded.lock import take_over, write_holder
from services.cli.embedded.private import private_folder
from services.cli.embedded.symptoms import explain

STOP_GRACE = 20.0  # seconds for a clean stop
FIRST_DELAY, LONGEST_DELAY = 0.1, 30.0  # seconds before a crashed server is started again
STEADY = 60.0  # seconds of running after which the delay begins anew
FIRST_LOOK, LONGEST_LOOK = 0.005, 0.1  # seconds between looks whether a server is ready
LOG_TAIL = 16_384  # bytes


class Server(ABC):
    """A server in the folder `home`, which it has to itself: a resource (`async with`), and a loop that keeps it alive.

    On Linux it stops when the thread that started it ends, so start it from the loop of the main thread.
    """

    name: str
    ready_within: float  # seconds

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """The server's process. Raises RuntimeError before it was started."""
        return self._started().pid

    async def start(self) -> None:
        """Start and wait until it answers. Raises ServerError, and leaves nothing running."""
        try:
            private_folder(self.home)
            lock = await take_over(self.home / "lock", self.name)
            try:
                await self._prepare(lock)
                child = self._launch(lock)
                write_holder(lock, child.pid)
            finally:
                os.close(lock)
        except OSError as error:
            raise ServerError(f"{self.name} can't start in {self.home}: {self._explained(str(error))}") from error
        try:
            await self._until_ready(child)
        except BaseException:
            child.signal(signal.SIGKILL)
            raise
        self._child = child

    async def stop(self) -> None:
        """Stop cleanly; nothing happens if it does not run."""
        if self._child is not None:
            await self._child.stop(STOP_GRACE)

    async def ended(self) -> int:
        """Wait until the server's process is gone; its exit status, negative for a signal."""
        return await self._started().ended()

    async def keep_running(self, report: Callable[[str], None]) -> None:
        """Start the server again whenever it ends by itself, for ever; tell `report` each time.

        Cancel it before stopping the server.
        """
        delay = FIRST_DELAY
        while True:
            began = time.monotonic()
            status = await self.ended()
            if time.monotonic() - began > STEADY:
                delay = FIRST_DELAY
            report(f"{self.name} ended by itself ({_told(status)}): starting it again")
            delay = await self._start_again(delay, report)
            report(f"{self.name} is back (pid {self.pid})")

    async def _start_again(self, delay: float, report: Callable[[str], None]) -> float:
        """Try until it runs; the delay for the next time."""
        while True:
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
            try:
                await self.start()
            except ServerError as error:
                report(f"{error}; next try in {delay:g} s")
            else:
                return delay

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _until_ready(self, child: Child) -> None:
        pause = FIRST_LOOK
        deadline = time.monotonic() + self.ready_within
        while not await self._answers(child.pid):
            if not child.running:
                raise ServerError(f"{self.name} did not start in {self.home}: {self._explained(self._words())}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"{self.name} is not ready after {self.ready_within:g} s: {self._explained(self._words())}"
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)

    def _spawn(
        self,
        command: Sequence[str],
        *,
        keep: Sequence[int],
        account: Account | None = None,
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> Child:
        return spawn(command, output=self.home / "output", account=account, keep=keep, environ=environ)

    def _explained(self, words: str) -> str:
        nearest = next(folder for folder in (self.home, *self.home.parents) if folder.is_dir())
        return explain(words, free=shutil.disk_usage(nearest).free)

    def _words(self) -> str:
        """The end of what the server wrote last, whether before or after it opened its own log."""
        logs = [log for log in (self.home / "output", *self._logs()) if log.exists() and log.stat().st_size]
        if not logs:
            return ""
        latest = max(logs, key=lambda log: log.stat().st_mtime_ns)
        return latest.read_bytes()[-LOG_TAIL:].decode(errors="replace")

    def _started(self) -> Child:
        if self._child is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._child

    @abstractmethod
    async def _prepare(self, lock: int) -> None:
        """Make what the server needs in its folder; processes that help must keep the descriptor `lock`."""

    @abstractmethod
    def _launch(self, lock: int) -> Child:
        """Start the process; it must keep the descriptor `lock`."""

    @abstractmethod
    async def _answers(self, pid: int) -> bool:
        """One try at talking to the process `pid` as a client does."""

    @abstractmethod
    def _logs(self) -> list[Path]:
        """The server's own log files."""


def _told(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
