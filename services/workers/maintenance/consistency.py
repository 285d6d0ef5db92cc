"""Looks for what contradicts itself in the database, mends what can be mended safely, and tells the rest."""

from __future__ import annotations

from shared.directory.consistency import MENDABLE, Consistency

from ..door import Result, RunContext, succeeded
from .rules_consistency import changes, summary

MOST = 1000
"""Oddities that one run tells and mends."""


class CheckConsistency:
    """The handler. Each mending is a transaction of its own, which asks again whether there is anything to mend."""

    def __init__(self, consistency: Consistency, most: int = MOST) -> None:
        self._consistency = consistency
        self._most = most

    async def __call__(self, run: RunContext) -> Result:
        """Find, tell and mend."""
        found = await self._consistency.found(self._most + 1)
        all, found = len(found) <= self._most, found[: self._most]
        run.plan(changes(found))
        mended = 0
        for number, oddity in enumerate(found, 1) if not run.dry_run else ():
            if oddity.kind not in MENDABLE:
                run.applied(number, "skipped", "a person has to decide")
            elif await self._consistency.mend(oddity):
                mended += 1
                run.applied(number)
            else:
                run.applied(number, "skipped", "it is so no more")
            run.progress(number / len(found))
        return succeeded(summary(found, mended, MENDABLE, rehearsed=run.dry_run, all=all))
