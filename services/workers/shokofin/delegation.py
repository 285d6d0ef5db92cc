"""Has the plugin do its own task: started in Jellyfin by its key, followed to its end, and told as it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from shared.contracts.specs import Parameter
from shared.directory.effects import LedgerRow
from shared.outside.errors import OutsideError

from ..clients.jellyfin_tasks import SCAN_KEY, Begun, Task, TaskResult
from ..clients.steps import Step as Progress
from ..door import RunContext
from .places import Place
from .work import NotNow, Planned, Step, Work, not_installed

RUN = "run"
BY_PLUGIN = Parameter(name="plugin", title="Have Shokofin's own task do it (nothing to undo)", kind="boolean")
"""The parameter by which a person has the plugin's task run in place of ours."""

REFUSED = "Shokofin declined, since a library scan had begun (its task says that it completed)"
MET_A_SCAN = "a library scan began while it ran"
_CANCEL_WITHIN_S = 20.0
_BROKEN_OFF = ("Cancelled", "Aborted")


class Delegated:
    """Runs the task of this `key`. `needs_library`: it must not meet a scan; `looks`: it looks for one itself."""

    kinds: Mapping[str, str] = {RUN: "run by Shokofin"}

    def __init__(self, key: str, *, needs_library: bool, looks: bool = False) -> None:
        self.needs_library = needs_library
        self._key = key
        self._looks = looks

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """One step, unless the plugin is not there; a version of it that has no such task is a failure."""
        if place.plugin is None:
            return not_installed(place)
        task = await self._task(place)
        if task is None:
            version = place.plugin.version
            return Planned(failures=[f"Shokofin {version} on {place.server.name} has no task {self._key}"])
        began = _last_start(task)
        step = Step(
            kind=RUN,
            target=task.name,
            why="it was asked for" if run.params.get(BY_PLUGIN.name) else "only Shokofin itself can do this",
            before={"last started": None if began is None else began.isoformat()},
        )
        return Planned(steps=[step])

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """See `Work`. If our run is cancelled, so is the task. NotNow: it is under way already, or it declined."""
        begun = await self._begun_before(place, row) or await self._begin(place)
        try:
            result = await place.tasks.follow(begun, _told(run, place))
        except asyncio.CancelledError:
            with suppress(OutsideError, TimeoutError):
                async with asyncio.timeout(_CANCEL_WITHIN_S):
                    await place.tasks.cancel(self._key)
            raise
        if result.status != "Completed":
            why = result.error or "no reason is given"
            raise OutsideError(f"{begun.task.name} on {place.server.name} ended as {result.status.lower()}: {why}")
        if not (self.needs_library and await _scanned_since(place, result)):
            return ""
        if self._looks:
            raise NotNow(REFUSED)
        return MET_A_SCAN

    def inverse(self, row: LedgerRow) -> Step | None:
        """Nobody knows what it did."""
        return None

    async def _begin(self, place: Place) -> Begun:
        task = await self._task(place)
        if task is not None and task.state != "Idle":
            raise NotNow(f"{place.server.name} is at it already")
        return await place.tasks.begin(self._key)

    async def _begun_before(self, place: Place, row: LedgerRow) -> Begun | None:
        """What an earlier attempt began and did not live to see end; None: nothing, or it was broken off."""
        task = await self._task(place)
        if row.state != "claimed" or task is None:
            return None
        started = row.before["last started"]
        before = None if started is None else datetime.fromisoformat(started)
        if task.state == "Idle" and (_last_start(task) == before or _broken_off(task.last_result)):
            return None
        return Begun(task=task, before=before)

    async def _task(self, place: Place) -> Task | None:
        return next((task for task in await place.tasks.tasks() if task.key == self._key), None)


class OrPlugin:
    """Does `work`, or has the plugin do it if a person says so; both keep the same ledger."""

    def __init__(self, work: Work, key: str) -> None:
        self._work = work
        self._plugin = Delegated(key, needs_library=work.needs_library, looks=work.needs_library)
        self.needs_library = work.needs_library
        self.kinds: Mapping[str, str] = {**work.kinds, **self._plugin.kinds}

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """See `Work`."""
        chosen: Work = self._plugin if run.params.get(BY_PLUGIN.name) else self._work
        return await chosen.plan(run, place)

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """See `Work`."""
        return await self._of(row).carry(run, place, row)

    def inverse(self, row: LedgerRow) -> Step | None:
        """See `Work`."""
        return self._of(row).inverse(row)

    def _of(self, row: LedgerRow) -> Work:
        return self._plugin if row.kind == RUN else self._work


def _last_start(task: Task) -> datetime | None:
    return None if task.last_result is None else task.last_result.started_at


def _broken_off(result: TaskResult | None) -> bool:
    return result is not None and result.status in _BROKEN_OFF


def _told(run: RunContext, place: Place) -> Progress:
    return lambda share, note: run.progress(share, f"{place.server.name}: {note}")


async def _scanned_since(place: Place, result: TaskResult) -> bool:
    """Whether a library scan overlapped with a task that has ended."""
    if await place.tasks.scan() is not None:
        return True
    scan = next((task for task in await place.tasks.tasks() if task.key == SCAN_KEY), None)
    return scan is not None and scan.last_result is not None and scan.last_result.ended_at >= result.started_at
