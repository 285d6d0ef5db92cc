"""Who holds a folder: a lock that is let go by the death of its holder, and so is never stale."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from services.cli.embedded.errors import ServerError
from services.cli.embedded.private import private_opener

ORPHAN_GRACE = 20.0  # seconds for a server that its dead parent left behind
_LONGEST_PID = 20


def try_lock(path: Path) -> int | None:
    """Lock the file, made with mode 0600: its descriptor, or None while somebody else holds it.

    A child that inherits the descriptor holds the lock too (flock(2)). Raises OSError if the file can't be opened.
    """
    descriptor = private_opener(str(path), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def write_holder(descriptor: int, pid: int) -> None:
    """Leave the holder's pid in a locked file, for messages and for stopping an orphan."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(pid).encode(), 0)


def holder(path: Path) -> int | None:
    """The pid that the holder left, or None if it has not written one."""
    text = path.read_bytes()[:_LONGEST_PID]
    return int(text) if text.isdigit() else None


async def take_over(path: Path, server: str) -> int:
    """Lock a server's folder; stop a server that runs on there after its parent was killed.

    Raises ServerError if that one does not stop. The caller has the data folder to itself (see `place`), so whoever
    holds this lock is an orphan.
    """
    descriptor = try_lock(path)
    if descriptor is not None:
        return descriptor
    pid = holder(path)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + ORPHAN_GRACE
    while time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        descriptor = try_lock(path)
        if descriptor is not None:
            return descriptor
    raise ServerError(
        f"an earlier {server} (pid {pid}) still runs in {path.parent} and does not stop: end it and start again"
    )
