"""What the machine spent: processor seconds and memory of processes, from /proc (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PARENT, _OWN, _ENDED_CHILDREN = 1, slice(11, 13), slice(13, 15)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def processor_seconds(roots: Iterable[int]) -> float:
    """User and system time of these processes, their descendants, and the descendants that have ended."""
    return sum(_seconds(pid) for pid in family(roots))


def family(roots: Iterable[int]) -> set[int]:
    """These processes and all their descendants."""
    started = _children()
    found: set[int] = set()
    unseen = list(roots)
    while unseen:
        pid = unseen.pop()
        found.add(pid)
        unseen.extend(started.get(pid, ()))
    return found


def children(pid: int) -> list[int]:
    """The processes that this one has started, and that still run."""
    return _children().get(pid, [])


def memory_mb(pid: int) -> float:
    """The process's memory in MB, pages shared with others counted by its share of them (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(f"the kernel tells no PSS of process {pid}")


def program(pid: int) -> str:
    """The name of what runs in the process."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def peak_mb(pid: int) -> float:
    """The most memory that the process has had so far, in MB.

    Not that of getrusage(2), which begins with the peak of the process that started this one.
    """
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(f"the kernel tells no peak of process {pid}")


def _children() -> dict[int, list[int]]:
    started: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            started.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    return started


def _seconds(pid: int) -> float:
    fields = _stat(pid)
    return sum(int(value) for value in (*fields[_OWN], *fields[_ENDED_CHILDREN])) * _TICK_S if fields else 0.0


def _stat(pid: int) -> list[str]:
    """The fields behind the program's name, which may hold blanks and brackets; empty when the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
