"""A file that comes from elsewhere, piece by piece, and may be no backup at all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable
from pathlib import Path
from typing import BinaryIO

from .errors import BackupFailed, BadBackup

LARGEST = 4 * 1024**3  # bytes


async def arrived(pieces: AsyncIterable[bytes], file: Path, largest: int) -> None:
    """Write it into a new file, down to the disk. BadBackup: it has more than `largest` bytes. BackupFailed."""
    try:
        with _new(file) as target:
            async for piece in pieces:
                if target.tell() + len(piece) > largest:
                    raise BadBackup(
                        f"this file has more than {largest:,} bytes: copy it into the folder of backups, on the "
                        "gateway's machine, instead"
                    )
                await asyncio.to_thread(target.write, piece)
            await asyncio.to_thread(_settle, target)
    except OSError as error:
        raise BackupFailed(f"the file can't be written ({error.strerror or type(error).__name__})") from error


def _new(file: Path) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
