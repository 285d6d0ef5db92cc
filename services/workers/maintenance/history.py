"""Deletes what of the past has had its time: a little at a time, so that nobody who writes has to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from shared.contracts.reports import Change
from shared.directory.preferences import Preferences
from shared.history.history import History, NoHistory
from shared.history.policy import HistoryPolicy, Kind, limits
from shared.runtime.clock import utc_now

from ..door import JobFailed, Result, RunContext, succeeded

PAUSE_S = 0.02
"""Between two statements: others get the disk meanwhile."""

NAMES: Mapping[Kind, str] = {
    "runs": "runs",
    "logs": "log lines",
    "slots": "accounts of slots",
    "hook_deliveries": "deliveries to hooks",
    "audit": "lines of the audit trail",
    "deliveries": "mail deliveries",
    "alerts": "alerts",
    "events": "events of people",
    "spells": "states of servers",
}


class CleanUpHistory:
    """The handler. An attempt that dies has deleted as far as it came; the next goes on."""

    def __init__(self, history: History, preferences: Preferences) -> None:
        self._history = history
        self._preferences = preferences

    async def __call__(self, run: RunContext) -> Result:
        """Delete it, or (in a dry run) count it. JobFailed: the database does not let us."""
        try:
            return await self._clean_up(run)
        except NoHistory as error:
            raise JobFailed("not_cleaned_up", str(error)) from error

    async def _clean_up(self, run: RunContext) -> Result:
        policy = await self._preferences.history()
        before = limits(policy, utc_now())
        counts = {kind: await self._history.count(kind, moment) for kind, moment in before.items()}
        old = {kind: count for kind, count in counts.items() if count}
        run.plan([_deletion(number, kind, old[kind], policy) for number, kind in enumerate(old, 1)])
        if run.dry_run:
            return succeeded(f"would delete {told(old)}" if old else "nothing to do")
        deleted = await self._delete(run, {kind: before[kind] for kind in old}, sum(old.values()))
        return succeeded(f"{told(deleted)} deleted" if deleted else "nothing to do")

    async def _delete(self, run: RunContext, before: Mapping[Kind, datetime], expected: int) -> dict[Kind, int]:
        deleted: dict[Kind, int] = {}
        for number, (kind, moment) in enumerate(before.items(), 1):
            async for count in self._history.delete(kind, moment):
                deleted[kind] = deleted.get(kind, 0) + count
                run.progress(min(sum(deleted.values()) / expected, 1.0), f"{deleted[kind]:,} {NAMES[kind]}")
                await asyncio.sleep(PAUSE_S)
            run.applied(number, detail=f"{deleted.get(kind, 0):,} deleted")
        return deleted


def told(counts: Mapping[Kind, int]) -> str:
    """How many of what, for a person: "1,204 runs, 88 alerts"."""
    return ", ".join(f"{count:,} {NAMES[kind]}" for kind, count in counts.items())


def _deletion(number: int, kind: Kind, count: int, policy: HistoryPolicy) -> Change:
    why = f"older than {policy.days(kind)} days"
    return Change(number=number, action="delete", target=f"{count:,} {NAMES[kind]}", why=why)
