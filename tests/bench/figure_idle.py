"""What Showrunner takes where there is nothing to do: `showrunner up`, both servers included."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from msgspec import Struct

from tests.support.folders import DISK, short_folder
from tests.support.processes import Process, Processes

from .machine import children, family, memory_mb, processor_seconds, program
from .readings import Reading, shown

CORE_LIMIT, MEMORY_LIMIT_MB = 1.0, 160.0
SETTLE_S = 20.0  # the first runs of all jobs, and what Python and PostgreSQL put off at their start


class Idle(Struct, frozen=True):
    """Seconds of a processor a second, and MB, by program."""

    processor: dict[str, float]
    memory: dict[str, float]


async def measure(quick: bool) -> list[Reading]:
    """As it is installed: all jobs on their own schedules, no media server, and nobody who looks."""
    with short_folder(DISK) as folder:
        processes = Processes(folder)
        try:
            idle = await _idle(await _up(processes, folder), 20.0 if quick else 120.0)
        finally:
            processes.end_all()
    return [
        _reading("showrunner up, idle: share of a core", {name: 100 * spent for name, spent in idle.processor.items()},
                 "%", CORE_LIMIT),
        _reading("showrunner up, idle: memory", idle.memory, "MB", MEMORY_LIMIT_MB),
    ]  # fmt: skip


def _reading(figure: str, values: dict[str, float], unit: str, limit: float) -> Reading:
    note = ", ".join(f"{name} {shown(value)}" for name, value in sorted(values.items()))
    return Reading(figure=figure, value=sum(values.values()), unit=unit, limit=limit, note=note)


async def _up(processes: Processes, folder: Path) -> Process:
    up = processes.python("-m", "services.cli", "up", "--data", str(folder / "data"), env={"SHOWRUNNER_PORT": "0"})
    await up.line("gateway_ready", 60)
    await asyncio.sleep(SETTLE_S)
    return up


async def _idle(up: Process, window_s: float) -> Idle:
    before, began = _spent(up), time.monotonic()
    await asyncio.sleep(window_s)
    after, seconds = _spent(up), time.monotonic() - began
    memory: dict[str, float] = {}
    for pid in family([up.pid]):
        memory[program(pid)] = memory.get(program(pid), 0.0) + memory_mb(pid)
    return Idle({name: (after[name] - before[name]) / seconds for name in after}, memory)


def _spent(up: Process) -> dict[str, float]:
    """Processor seconds so far: of both servers, each with its own family, and of the process that started them."""
    servers = {program(pid): processor_seconds([pid]) for pid in children(up.pid)}
    return {**servers, program(up.pid): processor_seconds([up.pid]) - sum(servers.values())}
