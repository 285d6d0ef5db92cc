"""Sends notices to people about their access."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from shared.mail.due import due
from shared.mail.terms import Due, Event, MailPolicy

from ..door import Result, RunContext, skipped
from ..tools import Tools
from . import wording
from .postoffice import PostOffice
from .rounds import Round, Wanted


class SendNotices:
    """The handler: it writes down what is due, and sends what waits. `wanted` may be more than is due by `events`."""

    def __init__(self, tools: Tools, office: PostOffice, events: Collection[Event], wanted: Wanted) -> None:
        self._tools = tools
        self._office = office
        self._events = events
        self._wanted = wanted

    async def __call__(self, run: RunContext) -> Result:
        """Send the notices, or, in a dry run, tell who would get which."""
        mailroom = self._tools.mailroom
        policy, missing = await mailroom.policy(), await mailroom.lacking()
        if policy.server is None or missing:
            return skipped(missing)
        dues = await self._due(policy)
        if run.dry_run:
            return await self._rehearsed(run, dues)
        await mailroom.plan(dues, self._tools.now())
        return await Round(
            self._tools, self._office, run, policy=policy, server=policy.server, wanted=self._wanted
        ).go()

    async def _due(self, policy: MailPolicy) -> list[Due]:
        mailroom, now = self._tools.mailroom, self._tools.now()
        people = await mailroom.people_for_mail(now)
        templates = await mailroom.templates()
        known = await mailroom.known_keys(now)
        # In a thread: with many people it takes longer than other runs of this worker should wait.
        return await asyncio.to_thread(
            due,
            people,
            templates,
            known,
            self._tools.today,
            default_language=policy.default_language,
            events=self._events,
        )

    async def _rehearsed(self, run: RunContext, dues: Collection[Due]) -> Result:
        wanted, most = self._wanted, wording.MOST_CHANGES
        waiting = await self._tools.mailroom.waiting(self._tools.now(), most, kinds=wanted.kinds, events=wanted.events)
        messages = [*map(wording.of_delivery, waiting.first), *map(wording.of_due, dues)]
        return wording.rehearsed(run, messages, waiting.count + len(dues))
