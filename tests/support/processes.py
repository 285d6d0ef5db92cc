"""Whole programs as processes of their own, as in production."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.waiting import wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
LAST_WORDS = 4_000  # characters of output in a failure's message


def pause(pid: int) -> None:
    """SIGSTOP for a process that we have started; back when all its threads stand still, which takes a moment."""
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


class Process:
    """One running program, with its output in a file."""

    def __init__(self, popen: subprocess.Popen[bytes], output: Path) -> None:
        self._popen = popen
        self.output = output

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._popen.poll()

    @property
    def text(self) -> str:
        """All that it has written so far, to its standard output and error."""
        return self.output.read_text(errors="replace")

    async def line(self, pattern: str, timeout: float = 20) -> re.Match[str]:
        """Wait for a line in which `pattern` is found. Fails with the output if the program ends before that."""

        def found() -> re.Match[str] | None:
            ended = self.status is not None  # looked at first: what it wrote before its end must count
            match = re.search(pattern, self.text, re.MULTILINE)
            if match is None and ended:
                raise EOFError(f"ended (status {self.status}) without a line {pattern!r}: {self._told()}")
            return match

        with self._quoted():
            return await wait_until(found, timeout, what=f"a line {pattern!r}")

    async def port(self, port: int, host: str = "127.0.0.1", timeout: float = 20) -> None:
        """Wait until it accepts connections there. Fails with the output if the program ends before that."""

        async def accepts() -> bool:
            if self.status is not None:
                raise EOFError(f"ended (status {self.status}) without listening on {host}:{port}: {self._told()}")
            try:
                _, writer = await asyncio.open_connection(host, port)
            except OSError:
                return False
            writer.close()
            return True

        with self._quoted():
            await wait_until(accepts, timeout, what=f"{host}:{port}")

    async def ended(self, timeout: float = 20) -> int:
        """Wait until it has ended by itself; its exit status."""
        with self._quoted():
            await wait_until(lambda: self.status is not None, timeout, what="its end")
        return self._popen.wait()

    async def stop(self, timeout: float = 30) -> int:
        """SIGTERM, and wait; its exit status."""
        self.signal(signal.SIGTERM)
        return await self.ended(timeout)

    async def kill(self) -> None:
        """SIGKILL, and wait."""
        self.signal(signal.SIGKILL)
        await self.ended()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens if it has ended."""
        with suppress(ProcessLookupError):
            self._popen.send_signal(number)

    def pause(self) -> None:
        """SIGSTOP, until `resume()`."""
        pause(self.pid)

    def resume(self) -> None:
        """Go on."""
        self.signal(signal.SIGCONT)

    def end_group(self) -> None:
        """Kill it and all the processes that it started in its own group, whatever state they are in."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    @contextmanager
    def _quoted(self) -> Iterator[None]:
        try:
            yield
        except AssertionError as error:
            raise AssertionError(f"{error}: {self._told()}") from None

    def _told(self) -> str:
        return f"{self._popen.args!r}, which wrote:\n{self.text[-LAST_WORDS:]}\n"


class Processes:
    """Starts programs with Showrunner's own Python, from the checkout, and ends them all at last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Process] = []

    def python(self, *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = CHECKOUT) -> Process:
        """Start `python ARGUMENTS`, for instance `python("-m", "services.cli", "up")`."""
        return self.program(sys.executable, *arguments, env=env, cwd=cwd)

    def program(self, *command: str, env: Mapping[str, str] | None = None, cwd: Path = CHECKOUT) -> Process:
        """Start any program. Its environment is ours without SHOWRUNNER_* settings, and then `env`."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SHOWRUNNER_")}
        path = self._folder / f"process-{len(self._started) + 1}.log"
        with path.open("wb") as output:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**inherited, "PYTHONUNBUFFERED": "1", **(env or {})},
                cwd=cwd,
                start_new_session=True,
            )
        process = Process(popen, path)
        self._started.append(process)
        return process

    def end_all(self) -> None:
        for process in self._started:
            process.end_group()
