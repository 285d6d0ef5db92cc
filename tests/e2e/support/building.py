"""The page is built where it is missing or older than its sources; of several processes, one does it."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import CHECKOUT

PAGE = CHECKOUT / "services/gateway/web"
BUILT = PAGE / "dist"
AXE = PAGE / "node_modules/axe-core/axe.min.js"
"""Deque's checker of accessibility, which the page's own lock brings."""
_NOT_SOURCES = {"dist", "node_modules"}


def build_page() -> None:
    """Bring `dist` up to date. Raises subprocess.CalledProcessError, whose output says why."""
    with (PAGE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_old():
            subprocess.run(["sh", "tools/web.sh", "build", str(PAGE), sys.executable], cwd=CHECKOUT, check=True)


def _is_old() -> bool:
    index = BUILT / "index.html"
    if not (index.exists() and AXE.exists()):
        return True
    return max(path.stat().st_mtime for path in _sources()) > index.stat().st_mtime


def _sources() -> Iterator[Path]:
    for entry in PAGE.iterdir():
        if entry.name not in _NOT_SOURCES:
            yield from (path for path in (entry, *entry.rglob("*")) if path.is_file())
