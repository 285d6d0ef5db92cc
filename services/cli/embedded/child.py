"""A server process: started, waited for, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from services.cli.embedded import launch
from services.cli.embedded.account import Account
from services.cli.embedded.private import private_opener


class Child:
    """A process in a session of its own, so that Ctrl-C in the terminal reaches Showrunner alone."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: int) -> None:
        self._process = process
        self._lifeline = lifeline

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    async def ended(self) -> int:
        """Wait until the process and all its own children are gone; its exit status, negative for a signal.

        They share the write end of a pipe: its end of file is the moment when a successor may take the folder.
        """
        loop = asyncio.get_running_loop()
        closed = asyncio.Event()
        lifeline = os.dup(self._lifeline)
        try:
            loop.add_reader(lifeline, closed.set)
            await closed.wait()
        finally:
            loop.remove_reader(lifeline)
            os.close(lifeline)
        return self._process.wait()

    async def stop(self, grace: float) -> None:
        """Ask for a clean stop by SIGINT; kill what still runs after `grace` seconds or when cancelled."""
        self.signal(signal.SIGINT)
        try:
            async with asyncio.timeout(grace):
                await self.ended()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self.ended()
        except asyncio.CancelledError:
            self.signal(signal.SIGKILL)
            raise

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens if the process has ended."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def __del__(self) -> None:
        os.close(self._lifeline)


def spawn(
    command: Sequence[str], *, output: Path, account: Account | None, keep: Sequence[int], environ: Mapping[str, str]
) -> Child:
    """Start `command` with its output in the file `output`; `account` None keeps the user.

    The descriptors `keep` stay open in it. Its environment is `environ` and little else: our own holds secrets.
    On Linux it receives SIGINT when the thread that called this ends, so call it from the loop's thread.
    """
    user = (account.uid, account.gid) if account else (-1, -1)
    launcher = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), *map(str, user)]
    lifeline, held = os.pipe()
    try:
        with open(output, "wb", opener=private_opener) as log:
            process = subprocess.Popen(
                [*launcher, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **environ},
                pass_fds=[*keep, held],
                start_new_session=True,
            )
    except BaseException:
        os.close(lifeline)
        raise
    finally:
        os.close(held)
    return Child(process, lifeline)
