"""The loop that writes the tick log: what is due goes out together, and the next look follows from what was written."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic

import structlog

from shared.contracts import subjects
from shared.messaging import (
    BATCH_LIMIT,
    LAST_PER_SUBJECT,
    Bus,
    Conflict,
    Entry,
    MessagingError,
    Unreachable,
    append,
    read_all,
)
from shared.runtime.clock import Alarm, now_ms

from .entries import entry, expect, settle
from .jobs import Job
from .memory import active_runs, ended_until
from .metrics import Metrics
from .planner import Decision, Fire, Skip, decide, next_wake
from .roster import Roster
from .standing import Standing, standing_by_job
from .turns import Turns

log = structlog.get_logger()

# Up to so many entries are written on their own, side by side: an atomic batch costs the server a file of its own.
_ALONE = 6
# After a batch, so much of the time that it took, for the next one to gather: what is busy gets larger ones.
_REST_SHARE, _REST_S = 0.2, 0.005
_REFRESH_AT_ONCE = 200
_LOOKED_AT_ONCE = 2_000
_RETRY_S = 0.2
_TRIES_IN_CLUSTER, _PATIENCE_IN_CLUSTER_S = 20, 1.0

Plan = tuple[Job, Decision]


class Ticker:
    """The only writer of the tick log in this process; whoever else wants to write has it `alone`, by `turns`."""

    def __init__(self, bus: Bus, roster: Roster, metrics: Metrics, alarm: Alarm) -> None:
        self.turns = Turns(_ALONE)
        self.alarm = alarm
        self._bus = bus
        self._roster = roster
        self._metrics = metrics

    async def run(self) -> None:
        """Fire what is due, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                async with self.turns.room():
                    rest_s = await self._fire(tasks, now_ms())
                if rest_s:
                    await asyncio.sleep(rest_s)
                else:
                    await self.alarm.until(self._roster.agenda.next())

    async def account(self, job: Job) -> int:
        """Account for all slots until now, before the job is changed; to be called by whoever has the log alone.

        The moment until which it was done, in milliseconds since the epoch: a slot after it belongs to what comes.
        """
        now = now_ms()
        while (owed := self._roster.unaccounted(job, now)) is not None:
            await self._write([(job, owed)], now_ms())
            now = now_ms()
        self._roster.look_again(job, now)
        return now

    async def refresh(self, jobs: list[Job]) -> None:
        """Read from the log where these jobs stand; tries until the log answers."""
        for start in range(0, len(jobs), _REFRESH_AT_ONCE):
            await self._refresh(jobs[start : start + _REFRESH_AT_ONCE])

    async def release_ended(self) -> None:
        """Let go of runs that ended without our hearing of it: their ticks were acknowledged. For safety's sake."""
        floors = {category: await ended_until(self._bus, category) for category in sorted(self._roster.categories)}
        jobs = list(self._roster.jobs.values())
        for start in range(0, len(jobs), _LOOKED_AT_ONCE):
            for job in jobs[start : start + _LOOKED_AT_ONCE]:
                if job.active is not None and 0 < job.ticked <= floors.get(job.timing.category, 0):
                    self._roster.finished(job.timing.name, job.active, now_ms())
            # What is due meanwhile need not wait for a hundred thousand.
            await asyncio.sleep(0)
        self.alarm.ring()

    async def _fire(self, tasks: asyncio.TaskGroup, now: int) -> float:
        """What is due: a few in turns side by side, which have begun then; many at once, which are written then.

        For how many seconds to rest.
        """
        began = monotonic()
        plans = self._decided(self._roster.agenda.take(now, BATCH_LIMIT), now)
        if len(plans) > _ALONE:
            await self._turn(plans, now)
            return min(_REST_S, (monotonic() - began) * _REST_SHARE)
        for plan in plans:
            self.turns.begun(tasks.create_task(self._turn([plan], now)))
        return 0.0

    async def _turn(self, plans: list[Plan], now: int) -> None:
        """Write what was decided at `now`, and what follows from that."""
        while plans:
            await self._write(plans, now)
            # As of the same moment: looked at later, a late scheduler has slots to merge again, and fires none.
            plans = self._decided([job for job, decision in plans if isinstance(decision, Skip)], now)
        look = self._roster.agenda.next()
        if look is not None:
            self.alarm.wake_by(look)

    def _decided(self, jobs: list[Job], now: int) -> list[Plan]:
        plans: list[Plan] = []
        for job in jobs:
            if job.writing:
                # Whoever writes about it looks at it again.
                continue
            decision = decide(job, now)
            if decision is None:
                self._roster.agenda.put(job, next_wake(job, now))
            else:
                job.writing = True
                plans.append((job, decision))
        return plans

    async def _write(self, plans: list[Plan], now: int) -> None:
        for job, decision in plans:
            expect(job, decision)
        try:
            await self._append(plans, now)
        except MessagingError as error:
            log.warning("tick_log_moved_on", jobs=len(plans), reason=str(error))
            self._metrics.conflicts.add()
            await self.refresh([job for job, _ in plans])
            for job, _ in plans:
                # What was not written is due still, and must not wait for the next slot.
                self._roster.look_again(job, now)
            return
        for job, decision in plans:
            if isinstance(decision, Fire):
                self._roster.agenda.put(job, next_wake(job, now))

    async def _append(self, plans: list[Plan], now: int) -> None:
        if len(plans) == 1:
            # Most turns: one more task would be a seventh of what a tick costs us.
            await self._append_one(plans[0], now)
        elif len(plans) <= _ALONE or not await self._appended_together(plans, now):
            await self._append_each(plans, now)

    async def _append_each(self, plans: list[Plan], now: int) -> None:
        results = await asyncio.gather(*(self._append_one(plan, now) for plan in plans), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise failures[0]

    async def _appended_together(self, plans: list[Plan], now: int) -> bool:
        """False: the log has moved on about one of these jobs, and none is written."""
        try:
            first = await self._insist([entry(job, decision, now) for job, decision in plans])
        except Conflict:
            return False
        for number, (job, decision) in enumerate(plans):
            settle(job, decision, first + number)
            self._metrics.written(job, decision)
        return True

    async def _append_one(self, plan: Plan, now: int) -> None:
        job, decision = plan
        settle(job, decision, await self._insist([entry(job, decision, now)]))
        self._metrics.written(job, decision)

    async def _insist(self, entries: list[Entry]) -> int:
        """Write entries as `append` does, in a cluster as often as it takes to be answered.

        A cluster that has lost who leads the log is silent until it has elected another. What was written before that
        all the same shows as a conflict; to look it up instead would take two more elections.
        """
        if not self._bus.in_cluster:
            return await append(self._bus, entries)
        for _ in range(_TRIES_IN_CLUSTER - 1):
            with suppress(Unreachable):
                return await append(self._bus, entries, _PATIENCE_IN_CLUSTER_S)
            await asyncio.sleep(_RETRY_S)
        return await append(self._bus, entries, _PATIENCE_IN_CLUSTER_S)

    async def _refresh(self, jobs: list[Job]) -> None:
        filters = tuple(subjects.job_ticks(job.timing.category, job.timing.name) for job in jobs)
        while True:
            try:
                standings = standing_by_job(await read_all(self._bus, subjects.TICKS, filters, LAST_PER_SUBJECT))
                active = await active_runs(self._bus, standings.values())
                break
            except Unreachable as error:
                log.info("tick_log_not_read", reason=str(error))
                await asyncio.sleep(_RETRY_S)
        for job in jobs:
            self._roster.recall(job.timing.name, standings.get(job.timing.name, Standing()), active)
