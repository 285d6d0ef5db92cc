"""`showrunner` as a person types it: a process of its own, with a home of its own, on a pipe or on a terminal."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.processes import CHECKOUT

ENDS_WITHIN = 60.0  # seconds


class Said(NamedTuple):
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on its standard output."""
        return json.loads(self.out)


class Terminal:
    """Somebody at a shell, with these settings in the environment."""

    def __init__(self, home: Path, **environ: str) -> None:
        self._home = home
        self.environ = environ

    async def __call__(self, *words: str, stdin: str = "", **environ: str) -> Said:
        """Run `showrunner WORDS`, and wait for its end."""
        process = await asyncio.create_subprocess_exec(
            *self._command(words),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environ(environ),
            cwd=CHECKOUT,
        )
        async with asyncio.timeout(ENDS_WITHIN):
            out, err = await process.communicate(stdin.encode())
        assert process.returncode is not None
        return Said(process.returncode, out.decode(), err.decode())

    async def on_terminal(
        self, *words: str, until: str = "", columns: int = 80, lines: int = 24, **environ: str
    ) -> Said:
        """The same on a terminal of this size; all that it wrote is in `out`. `until` it writes this: then Ctrl-C."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command(words),
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                env=self._environ({"TERM": "xterm", **environ}),
                cwd=CHECKOUT,
            )
        finally:
            os.close(theirs)
        # Its end is what ends the reading, which is done in a thread that can't be cancelled.
        loop, interrupt = asyncio.get_running_loop(), lambda: process.send_signal(signal.SIGINT)
        patience = loop.call_later(ENDS_WITHIN, process.kill)
        text = await asyncio.to_thread(_all_written, ours, until, interrupt)
        patience.cancel()
        return Said(await process.wait(), text, "")

    @asynccontextmanager
    async def opened(self, *words: str, **environ: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The lines of a command that goes on until it is ended."""
        process = await asyncio.create_subprocess_exec(
            *self._command(words),
            stdout=asyncio.subprocess.PIPE,
            env=self._environ(environ),
            cwd=CHECKOUT,
            limit=2**22,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(ENDS_WITHIN):
                yield aiter(process.stdout)
        finally:
            process.terminate()
            await process.wait()

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "services.cli", *words]

    def _environ(self, more: Mapping[str, str]) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SHOWRUNNER_") and name not in {"NO_COLOR", "COLUMNS", "LINES", "XDG_DATA_HOME"}
        }
        ours = {"HOME": str(self._home), "XDG_CONFIG_HOME": str(self._home / "config"), "TZ": "UTC"}
        return {**inherited, **ours, **self.environ, **more}


def _all_written(terminal: int, until: str, interrupt: Callable[[], None]) -> str:
    """Until the other end is closed, which Linux tells as an error."""
    written, awaited = b"", until.encode()
    with suppress(OSError):
        while chunk := os.read(terminal, 65536):
            written += chunk
            if awaited and awaited in written:
                awaited = b""
                interrupt()
    os.close(terminal)
    return written.decode()
