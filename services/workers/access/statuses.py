"""Keeps people's states in step with the calendar, and with what the servers say of their accounts."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.reports import Change
from shared.directory.subscribers import StateChange

from ..door import Result, RunContext, succeeded
from ..ledgered.counting import counted
from ..tools import Tools
from .wording import MOST_CHANGES


class _Rehearsed(Exception):
    """A dry run has seen what it wanted to see: nothing of it is kept."""


class UpdateStates:
    """The handler. Last days of people whose invitation is open are put off along the way."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def __call__(self, run: RunContext) -> Result:
        """Work out all states anew; in a dry run, without keeping any."""
        policy = await self._tools.preferences.access()
        changes: list[StateChange] = []
        try:
            async with self._tools.membership.together() as members:
                changes = await members.refresh_states(today=self._tools.today, policy=policy, by=run.job)
                if changes:
                    run.plan(_told(changes))
                if run.dry_run:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        else:
            for number in range(1, min(len(changes), MOST_CHANGES) + 1):
                run.applied(number)
        return succeeded(_summary(changes))


def _told(changes: Sequence[StateChange]) -> list[Change]:
    return [
        Change(
            number=number,
            action="state changed",
            target=change.name,
            why="as of today",
            before=change.before,
            after=change.after,
        )
        for number, change in enumerate(changes[:MOST_CHANGES], start=1)
    ]


def _summary(changes: Sequence[StateChange]) -> str:
    if not changes:
        return "nothing to do"
    states = sorted({change.after for change in changes})
    told = ", ".join(f"{sum(change.after == state for change in changes)} {state}" for state in states)
    return f"{counted(len(changes), 'person', 'people')} changed: {told}"
