"""A Jellyfin server's scheduled tasks: its own scan, and those of Shokofin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

TaskState = Literal["Idle", "Cancelling", "Running"]
TaskStatus = Literal["Completed", "Failed", "Cancelled", "Aborted"]
SCAN = "RefreshLibrary"


class TaskFailed(Exception):
    """Raised by an effect: the task ends as Failed, with this message."""


class NotRunning(Exception):
    """Only a task that is running can be cancelled."""


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """How a task last ended."""

    started: datetime
    ended: datetime
    status: TaskStatus
    error: str = ""


@dataclass
class Task:
    """A scheduled task. `share` is what is done of it (0 to 1), None while it is idle."""

    key: str
    name: str
    category: str = "Shokofin"
    advanced: bool = False
    """Hidden as long as Shokofin is not in its advanced mode."""
    checks_scan: bool = False
    """Does nothing during a scan, and says that it completed."""
    last_jellyfin: tuple[int, int] | None = None
    """The last version of Jellyfin (major, minor) for which Shokofin has it; None: all."""
    state: TaskState = "Idle"
    share: float | None = None
    started: datetime | None = None
    result: TaskResult | None = None

    @property
    def id(self) -> str:
        """Jellyfin's id for it, which is made of its type."""
        return hashlib.md5(self.key.encode(), usedforsecurity=False).hexdigest()

    @property
    def is_shokofins(self) -> bool:
        """Whether it comes with the plugin."""
        return self.key != SCAN


def _all() -> Iterator[Task]:
    yield Task(SCAN, "Scan Media Library", "Library")
    yield Task("ShokoVersionCheck", "Check Server Version", advanced=True)
    yield Task("ShokoCleanupVirtualRoot", "Cleanup Virtual File System Roots", advanced=True, checks_scan=True)
    yield Task("ShokoClearPluginCache", "Clear Plugin Cache", advanced=True)
    yield Task("ShokoExportUserData", "Export User Data")
    yield Task("ShokoImportUserData", "Import User Data")
    yield Task("ShokoSyncUserData", "Sync User Data")
    yield Task("ShokoMigrateEpisodeUserDataTask", "Migrate Episode User Watch Data", last_jellyfin=(10, 9))
    for key, name in (
        ("ShokoMergeEpisodes", "Merge Episodes"),
        ("ShokoMergeMovies", "Merge Movies"),
        ("ShokoSplitEpisodes", "Split Episodes"),
        ("ShokoSplitMovies", "Split Movies"),
        ("ShokoReconstructCollections", "Reconstruct Collections"),
    ):
        yield Task(key, name, advanced=True, checks_scan=True)


class Tasks:
    """All tasks, by key. A task that is started does its effect and ends at once, unless it is held."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._tasks = {task.key: task for task in _all()}
        self._held: dict[str, bool] = {}
        self.effects: dict[str, Callable[[], None]] = {}
        """What a task does to the server when it is carried out, by key; it may raise TaskFailed."""
        self.watchers: set[Callable[[bool], None]] = set()
        """Told of each change: True when a task began or ended, False when it got on."""

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks.values())

    def __getitem__(self, key: str) -> Task:
        return self._tasks[key]

    def hold(self, key: str, *, stubborn: bool = False) -> None:
        """Let a task go on running once it is started, until `release`; a stubborn one even when it is cancelled."""
        self._held[key] = stubborn

    def release(self, key: str) -> None:
        """Let a held task come to its end; one that was started does so at once."""
        self._held.pop(key, None)
        if self._tasks[key].state == "Cancelling":
            self.finish(key, status="Cancelled")
        elif self._tasks[key].state == "Running":
            self._carry_out(self._tasks[key])

    def start(self, key: str) -> None:
        """Start a task, as its page does; one that is under way is left alone, and nobody is told."""
        if self._tasks[key].state == "Idle":
            self.begin(key)
            if key not in self._held:
                self._carry_out(self._tasks[key])

    def cancel(self, key: str) -> None:
        """Ask a task to end. NotRunning."""
        task = self._tasks[key]
        if task.state != "Running":
            raise NotRunning(key)
        task.state = "Cancelling"
        self._tell(True)
        if not self._held.get(key):
            self.finish(key, status="Cancelled")

    def begin(self, key: str, share: float = 0.0) -> None:
        """Have a task under way, this share of it done, until `finish`."""
        task = self._tasks[key]
        # Two runs never begin at one moment, however a test's clock stands.
        earliest = task.started + timedelta(microseconds=1) if task.started else self._now()
        task.state, task.share, task.started = "Running", share, max(self._now(), earliest)
        self._tell(True)

    def get_on(self, key: str, share: float) -> None:
        """Have a task that is under way get on."""
        self._tasks[key].share = share
        self._tell(False)

    def finish(self, key: str, *, status: TaskStatus = "Completed", error: str = "") -> None:
        """Have a task end."""
        task = self._tasks[key]
        started = task.started or self._now()
        task.result = TaskResult(started=started, ended=max(self._now(), started), status=status, error=error)
        task.state, task.share = "Idle", None
        self._tell(True)

    def _carry_out(self, task: Task) -> None:
        refused = task.checks_scan and self._tasks[SCAN].state != "Idle"
        effect = self.effects.get(task.key)
        try:
            if effect is not None and not refused:
                effect()
        except TaskFailed as failure:
            self.finish(task.key, status="Failed", error=str(failure))
        else:
            self.finish(task.key)

    def _tell(self, turn: bool) -> None:
        for watcher in list(self.watchers):
            watcher(turn)
