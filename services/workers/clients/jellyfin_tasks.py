"""Jellyfin's scheduled tasks: whether a library scan is in progress, and a task started and followed to its end.

Tasks are told by their Key, never by the Name, which is in the server's language. Hidden ones are listed as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from shared.outside.errors import Malformed, OutsideError, Refused
from shared.outside.http import NOTHING

from . import jellyfin_reading as reading
from .jellyfin_requests import JellyfinRequests
from .steps import Step

SCAN_KEY = "RefreshLibrary"
_BEGINS_WITHIN_S = 30.0
_LOOK_S = 1.0
_UNDER_WAY = {"Active", "Queued"}

TaskState = Literal["Idle", "Running", "Cancelling"]
TaskEnd = Literal["Completed", "Failed", "Cancelled", "Aborted"]


class TaskMissing(OutsideError):
    """The server has no such task: its plugin is not installed, or no longer brings it."""

    code = "task_missing"


class TaskBusy(OutsideError):
    """The task is under way already."""

    code = "task_busy"


class TaskResult(Struct, frozen=True, kw_only=True):
    """How a task ended last. A task of a plugin that declines to work ends as Completed all the same."""

    started_at: datetime
    ended_at: datetime
    status: TaskEnd
    error: str = ""


class Task(Struct, frozen=True, kw_only=True):
    """A scheduled task. `share` of it is done (0 to 1); None when it is idle, or does not say."""

    id: str
    key: str
    name: str
    state: TaskState
    share: float | None = None
    last_result: TaskResult | None = None


class Scan(Struct, frozen=True):
    """A library scan that is in progress, and which `share` of it is done, if that is known."""

    share: float | None = None


class Begun(Struct, frozen=True, kw_only=True):
    """A task that was started just now; `before` is when it was last started before that."""

    task: Task
    before: datetime | None


class _Result(Struct, rename="pascal"):
    start_time_utc: datetime
    end_time_utc: datetime
    status: TaskEnd
    error_message: str | None = None


class _Info(Struct, rename="pascal"):
    id: str
    key: str
    name: str
    state: TaskState
    current_progress_percentage: float | None = None
    last_execution_result: _Result | None = None


class Refreshing(Struct, rename="pascal"):
    """A library, and whether it is being refreshed."""

    refresh_status: str | None = None
    refresh_progress: float | None = None


class JellyfinTasks:
    """The tasks of one server. All methods raise OutsideError."""

    def __init__(self, requests: JellyfinRequests) -> None:
        self._requests = requests

    async def tasks(self) -> list[Task]:
        """All of them, hidden ones included."""
        return tasks_in(self._requests.who, await self._requests.get("/ScheduledTasks"))

    async def scan(self) -> Scan | None:
        """The library scan that is in progress now: of all libraries, or of one."""
        if (scan := scan_in(await self.tasks())) is not None:
            return scan
        answer = await self._requests.get("/Library/VirtualFolders")
        return refresh_in(reading.read(self._requests.who, answer, list[Refreshing]))

    async def begin(self, key: str) -> Begun:
        """Start a task. TaskMissing, or TaskBusy when it runs already. That it can't do its work, its end tells."""
        task = await self._called(key)
        if task.state != "Idle":
            raise TaskBusy(f"{self._requests.who} is at its task {task.name!r} already")
        begun = Begun(task=task, before=None if task.last_result is None else task.last_result.started_at)

        async def landed() -> bool:
            now = await self._look(task.id)
            return now.state != "Idle" or _ended(begun, now) is not None

        await self._requests.post(f"/ScheduledTasks/Running/{task.id}", NOTHING, landed)
        return begun

    async def follow(self, begun: Begun, step: Step) -> TaskResult:
        """Wait until a task has ended that was begun; `step` is told how far it has got. It may have ended already."""
        began = False
        deadline = asyncio.get_running_loop().time() + _BEGINS_WITHIN_S
        while True:
            task = await self._look(begun.task.id)
            began = began or task.state != "Idle"
            if (result := _ended(begun, task)) is not None:
                return result
            if not began and asyncio.get_running_loop().time() > deadline:
                raise Malformed(f"{self._requests.who} took the task {task.name!r}, but has not begun it")
            if task.share is not None:
                step(task.share, task.name)
            await asyncio.sleep(_LOOK_S)

    async def cancel(self, key: str) -> None:
        """Ask a task to end; nothing happens when it is idle."""
        task = await self._called(key)
        if task.state != "Running":
            return

        async def landed() -> bool:
            return (await self._look(task.id)).state != "Running"

        try:
            await self._requests.delete(f"/ScheduledTasks/Running/{task.id}", landed)
        except Refused:
            # Jellyfin answers 500 for a task that has ended meanwhile: its state is what counts.
            if not await landed():
                raise

    async def _called(self, key: str) -> Task:
        found = next((task for task in await self.tasks() if task.key == key), None)
        if found is None:
            raise TaskMissing(
                f"{self._requests.who} has no task {key}: is its plugin installed, and does this version have it?",
                transient=False,
            )
        return found

    async def _look(self, task_id: str) -> Task:
        answer = await self._requests.get(f"/ScheduledTasks/{task_id}")
        return _task(reading.read(self._requests.who, answer, _Info))


def tasks_in(who: str, answer: object) -> list[Task]:
    """The tasks that an answer lists. Malformed."""
    return [_task(info) for info in reading.read(who, answer, list[_Info])]


def scan_in(tasks: Iterable[Task]) -> Scan | None:
    """The scan of all libraries, if these tasks show one: also one that is being cancelled is still at work."""
    return next((Scan(task.share) for task in tasks if task.key == SCAN_KEY and task.state != "Idle"), None)


def refresh_in(libraries: Iterable[Refreshing]) -> Scan | None:
    """The refresh of single libraries, if there is one; of several, the one that has got least far."""
    shares = [library.refresh_progress or 0.0 for library in libraries if library.refresh_status in _UNDER_WAY]
    return Scan(min(shares) / 100) if shares else None


def _ended(begun: Begun, task: Task) -> TaskResult | None:
    """How the task that was begun ended; None while it has not. Idle alone proves nothing: it may not have begun."""
    result = task.last_result
    if task.state != "Idle" or result is None or (begun.before is not None and result.started_at <= begun.before):
        return None
    return result


def _task(info: _Info) -> Task:
    percent, result = info.current_progress_percentage, info.last_execution_result
    return Task(
        id=info.id,
        key=info.key,
        name=info.name,
        state=info.state,
        share=None if percent is None else min(1.0, max(0.0, percent / 100)),
        last_result=None if result is None else _result(result),
    )


def _result(result: _Result) -> TaskResult:
    return TaskResult(
        started_at=_utc(result.start_time_utc),
        ended_at=_utc(result.end_time_utc),
        status=result.status,
        error=result.error_message or "",
    )


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
