"""Carrying out commands. An answer means: done, and on disk."""

from __future__ import annotations

import time

import structlog
from msgspec import DecodeError
from msgspec.structs import replace

from shared.contracts import codec, subjects
from shared.contracts.commands import Answer, Cancel, CancelRun, Command, Done, Refused, RunNow
from shared.contracts.controls import Control
from shared.contracts.reports import Finished, Reports
from shared.messaging import Bus, MessagingError, Unreachable, append, append_plain, buckets
from shared.runtime.clock import now_ms, utc_now

from .decisions import ControlCommand, decided
from .entries import manual_entry
from .jobs import Job, to_time
from .metrics import Metrics
from .roster import Roster
from .ticker import Ticker

log = structlog.get_logger()

# A worker that has the run says so at once; if none does in this time, the run is still queued.
_WORKER_ANSWERS_S = 0.5


class Commander:
    """Hears `commands.*` while this scheduler leads."""

    def __init__(self, bus: Bus, roster: Roster, ticker: Ticker, metrics: Metrics) -> None:
        self._bus = bus
        self._roster = roster
        self._ticker = ticker
        self._metrics = metrics

    async def run(self) -> None:
        """Carry out commands one after another, for ever. One that fails is not answered: whoever asked asks again."""
        async with self._bus.listen(subjects.ALL_COMMANDS) as batches:
            async for batch in batches:
                for message in batch:
                    try:
                        answer = await self._carry_out(codec.decode_command(message.data))
                        await self._bus.say(message.reply, codec.encode(answer))
                    except (MessagingError, DecodeError) as error:
                        log.warning("command_failed", subject=message.subject, reason=str(error))

    async def _carry_out(self, command: Command) -> Answer:
        job = self._roster.jobs.get(command.job)
        if job is None:
            return Refused(code="job_unknown", detail=f"No worker has announced a job named {command.job}.")
        match command:
            case RunNow():
                return await self._run_now(job, command)
            case Cancel():
                return await self._cancel(job, command)
            case _:
                return await self._decide(job, command)

    async def _run_now(self, job: Job, ask: RunNow) -> Answer:
        async with self._ticker.turns.alone():
            if not job.enabled:
                return Refused(code="job_disabled", detail="This job is disabled. Enable it to run it.")
            if job.asked == ask.run:
                return Done(run=ask.run)
            if job.active is not None:
                return Refused(code="job_running", detail="This job is running or queued already.")
            # Set before: the run may well end before the log's answer is here.
            job.active, job.ticked = ask.run, 0
            began_ns = time.time_ns()
            try:
                job.sequence = job.ticked = await append(self._bus, [manual_entry(job, ask, now_ms())])
            except MessagingError:
                await self._ticker.refresh([job])
                raise
            job.asked = ask.run
            self._metrics.asked(job, ask, began_ns)
        return Done(run=ask.run)

    async def _decide(self, job: Job, command: ControlCommand) -> Answer:
        async with self._ticker.turns.alone():
            now = await self._ticker.account(job)
            control = decided(job, command, to_time(now))
            if isinstance(control, Refused):
                return control
            # A backup brings many back, most of which stand so already.
            if control != (job.control or Control(job=command.job)):
                await self._change(job, control)
        self._ticker.alarm.ring()
        return Done(control=control, revision=job.revision)

    async def _change(self, job: Job, control: Control) -> None:
        name = job.timing.name
        revision = await buckets.put(self._bus, subjects.CONTROLS, name, codec.encode(control), job.revision)
        self._roster.obey(name, control, revision, now_ms())

    async def _cancel(self, job: Job, command: Cancel) -> Answer:
        if job.active != command.run:
            return Refused(code="run_not_active", detail="This run is not active: it has ended already.")
        tick = job.ticked
        ask = codec.encode(CancelRun(run=command.run, job=command.job, by=command.by))
        try:
            await self._bus.request(subjects.cancels(job.timing.category), ask, _WORKER_ANSWERS_S)
        except Unreachable:
            await self._withdraw(job, command, tick)
        return Done(run=command.run)

    async def _withdraw(self, job: Job, command: Cancel, tick: int) -> None:
        """End a run that no worker has begun. A worker that gets its tick all the same has heard of the cancel."""
        now = utc_now()
        finished = Finished(
            run=command.run,
            job=command.job,
            attempt=0,
            started_at=now,
            at=now,
            outcome="cancelled",
            summary=f"cancelled by {command.by} before it began",
        )
        category = job.timing.category
        bundle = Reports(worker="scheduler", category=category, reports=(finished,))
        await append_plain(self._bus, subjects.reports(category, "scheduler"), codec.encode(bundle))
        async with self._ticker.turns.alone():
            self._roster.finished(command.job, command.run, now_ms())
            if job.asked != command.run:
                # With its tick the log forgets the slot. That all until now is accounted for, the control remembers.
                until = await self._ticker.account(job)
                before = job.control or Control(job=command.job)
                await self._change(job, replace(before, changed_by=command.by, changed_at=to_time(until)))
            await self._bus.api(f"STREAM.MSG.DELETE.{subjects.TICKS}", {"seq": tick, "no_erase": True})
            await self._ticker.refresh([job])
        self._ticker.alarm.ring()
