"""Decides whose access ends, now that their last day is over. Nobody is deleted, and a renewal makes it void."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import structs

from shared.access.limits import holders, too_much
from shared.access.terms import AccessPolicy
from shared.directory.effects import LedgerRow

from ..door import Result, RunContext, skipped, succeeded
from ..ledgered.telling import OPEN
from ..tools import Tools
from . import endings
from .deciding import Decider, UndoDecisions
from .endings import People
from .execution import concluded, on_people
from .planning import Bound, numbered
from .telling import Telling
from .wording import Story

RENEWED = "no longer called for"


class DisableExpired:
    """The handler: it decides, and the jobs that apply access carry that out."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._undo = UndoDecisions(tools)

    async def __call__(self, run: RunContext) -> Result:
        """End access as the settings have it, or take back what such a run has ended."""
        if run.undoes is not None:
            return await self._undo(run, run.undoes)
        policy = await self._tools.preferences.access()
        earlier = await self._tools.ledger.of_run(run.id)
        if any(row.state in OPEN or row.state == "held" for row in earlier):
            rows = await on_people(run, earlier, Decider(self._tools, policy, run.job).carry)
            await self._release(run)
            return concluded(Story(rows=rows))
        if policy.on_expiry == "off":
            return skipped("the settings say that access does not end by itself")
        lapsed = await self._tools.books.lapsed(self._tools.today)
        if policy.on_expiry == "warn":
            return succeeded(endings.warned(lapsed))
        return await self._end(run, policy, endings.due(lapsed, self._tools.today, policy), earlier)

    async def _end(self, run: RunContext, policy: AccessPolicy, people: People, earlier: Sequence[LedgerRow]) -> Result:
        approved = await self._approved(run, people)
        waiting = await self._waiting(run, people)
        asked = {row.person_id for row in waiting}
        now = {person_id: found for person_id, found in people.items() if person_id not in asked}
        bound = await self._bounded(now, approved, policy)
        plans = {plan.id: plan.name for plan in await self._tools.membership.plans()} if now else {}
        drafts = endings.rows(run.id, run.job, now, approved, plans)
        rows = numbered((row for row in drafts if row.person_id not in bound.people), len(earlier) + 1)
        late = (structs.replace(row, state="held") for row in drafts if row.person_id in bound.people)
        held = numbered(late, len(earlier) + len(rows) + 1)
        story = Story(rows=[*earlier, *rows, *held], waiting=waiting, too_much=bound.why, rehearsed=run.dry_run)
        if run.dry_run:
            Telling(run, story.rows)
            return concluded(story)
        await self._tools.ledger.write(rows)
        done = await on_people(run, story.rows, Decider(self._tools, policy, run.job).carry)
        await self._tools.ledger.write(held)
        await self._release(run)
        return concluded(structs.replace(story, rows=done))

    async def _release(self, run: RunContext) -> None:
        if run.approves is not None:
            await self._tools.ledger.release(run.approves, run.id)

    async def _approved(self, run: RunContext, people: People) -> set[UUID]:
        if run.approves is None:
            return set()
        held = [row for row in await self._tools.ledger.of_run(run.approves) if row.state == "held"]
        return {row.person_id for row in held if row.person_id is not None and endings.still_due(row, people)}

    async def _waiting(self, run: RunContext, people: People) -> list[LedgerRow]:
        """What runs before this one held; what is not called for any more is closed."""
        waiting = []
        for row in await self._tools.ledger.held(run.job):
            if row.run == run.approves:
                continue
            if endings.still_due(row, people):
                waiting.append(row)
            elif not run.dry_run:
                await self._tools.ledger.close(row.key, "skipped", RENEWED)
        return waiting

    async def _bounded(self, people: People, approved: Collection[UUID], policy: AccessPolicy) -> Bound:
        if not people:
            return Bound()
        servings = [
            await self._tools.books.servings(server.id)
            for server in await self._tools.directory.servers()
            if server.enabled and server.serves_media
        ]
        losing: set[UUID] = set()
        for server in servings:
            losing |= await asyncio.to_thread(endings.would_lose, server, people, policy)
        losing.difference_update(approved)
        why = too_much(len(losing), len(holders(servings)), policy)
        return Bound(why=why, people=frozenset(losing)) if why else Bound()
