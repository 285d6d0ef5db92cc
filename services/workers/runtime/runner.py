"""From tick to handler to report. A tick is acknowledged once the report that ends it is on disk, never before."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TypeVar
from uuid import UUID

import structlog
from msgspec import DecodeError

from shared.contracts import codec
from shared.contracts.reports import Finished, Report, Retrying, Started
from shared.messaging import Message, WorkQueue
from shared.runtime.clock import utc_now

from ..door import Job, Result
from . import endings
from .entering import Entrance
from .live import LiveRun
from .metrics import Metrics
from .outbox import Outbox

log = structlog.get_logger()

Value = TypeVar("Value")

_REMEMBERED = 10_000
_UNKNOWN_JOB_RETRY_S = 5.0
_LAST_REPORTS_S = 5.0
_TIME_OUT_LOOK_S = 0.1


class Runner:
    """The runs of one worker. `tasks` owns a task for each."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        queue: WorkQueue,
        outbox: Outbox,
        tasks: asyncio.TaskGroup,
        *,
        entrance: Entrance,
        metrics: Metrics,
    ) -> None:
        self._jobs = jobs
        self._queue = queue
        self._outbox = outbox
        self._tasks = tasks
        self._entrance = entrance
        self._metrics = metrics
        self._live: dict[UUID, LiveRun] = {}
        self._ended: OrderedDict[UUID, None] = OrderedDict()
        self._cancelled: OrderedDict[UUID, str] = OrderedDict()
        self._idle = asyncio.Event()
        self._idle.set()
        self._busy = asyncio.Event()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._live)

    async def run(self) -> None:
        """Take ticks, for ever."""
        async for batch in self._queue.messages():
            for message in batch:
                self._begin(message)

    async def keep(self, every_s: float) -> None:
        """Tell the queue that we are still at work on what we have, for ever."""
        while True:
            await self._busy.wait()
            await asyncio.sleep(every_s)
            if self._live:
                self._queue.extend(live.message for live in self._live.values())

    async def keep_time(self) -> None:
        """Stop runs that take longer than their job allows, for ever."""
        while True:
            await self._busy.wait()
            # One look at all runs now and then: a timer a run costs a quarter of what a short run costs altogether.
            await asyncio.sleep(_TIME_OUT_LOOK_S)
            now = monotonic()
            for live in list(self._live.values()):
                if live.deadline < now:
                    live.time_out()

    def cancel(self, run: UUID, by: str) -> bool:
        """Stop a run that is with us; remember the cancel in case its tick is still on its way."""
        live = self._live.get(run)
        if live is not None:
            live.cancel(by)
            return True
        _remember(self._cancelled, run, by)
        return False

    def written(self, reports: Iterable[Report]) -> None:
        """These reports are on disk: the runs that they end leave us, and their ticks are answered."""
        ends = [report for report in reports if isinstance(report, Finished | Retrying)]
        if not ends:
            return
        done: list[Message] = []
        for report in ends:
            live = self._live.pop(report.run)
            self._metrics.ended(live, report)
            if isinstance(report, Finished):
                _remember(self._ended, live.id, None)
                done.append(live.message)
            else:
                self._queue.retry_in(live.message, (report.next_at - report.at).total_seconds())
        self._queue.acknowledge(done)
        self._queue.release(len(ends))
        if not self._live:
            self._idle.set()
            self._busy.clear()

    async def stop(self, deadline_s: float) -> None:
        """Let the runs end; those that have not after `deadline_s` seconds are handed to another worker."""
        self._stopping = True
        for live in list(self._live.values()):
            # What it waits for may take longer than we have; elsewhere it has not.
            if live.waits and live.task is not None:
                live.task.cancel()
        try:
            async with asyncio.timeout(deadline_s):
                await self._idle.wait()
        except TimeoutError:
            for live in list(self._live.values()):
                if live.task is not None:
                    live.task.cancel()
        try:
            async with asyncio.timeout(_LAST_REPORTS_S):
                await self._idle.wait()
                await self._outbox.drained()
        except TimeoutError:
            # NATS is away. The ticks were not acknowledged, so that another worker takes the runs over.
            log.warning("stopped_without_last_reports", runs=len(self._live))

    def _begin(self, message: Message) -> None:
        try:
            tick = codec.decode_tick(message.data)
        except DecodeError as error:
            log.error("tick_unreadable", subject=message.subject, reason=str(error))
            self._let_go(message)
            return
        if tick.run in self._ended:
            self._let_go(message)
        elif (live := self._live.get(tick.run)) is not None:
            # Delivered again while we are at it (the connection was away): answer to the newest delivery.
            live.message = message
            self._queue.release(1)
        elif (job := self._jobs.get(tick.job)) is None:
            # A worker of another version may know it.
            self._queue.retry_in(message, _UNKNOWN_JOB_RETRY_S)
            self._queue.release(1)
        else:
            self._start(LiveRun(job, tick, message, self._outbox, self._entrance))

    def _start(self, live: LiveRun) -> None:
        self._live[live.id] = live
        self._idle.clear()
        self._busy.set()
        if (by := self._cancelled.pop(live.id, None)) is not None:
            live.cancelled_by = by
            self._outbox.put(endings.cancelled(live, utc_now()))
        elif live.attempt > live.definition.spec.attempts:
            self._outbox.put(endings.exhausted(live, utc_now()))
        else:
            live.task = self._tasks.create_task(self._attempt(live))

    async def _attempt(self, live: LiveRun) -> None:
        self._metrics.begun(live)
        self._outbox.put(Started(run=live.id, job=live.job, attempt=live.attempt, at=live.started_at))
        report: Finished | Retrying
        try:
            result = await (self._alone(live) if live.definition.spec.resources else live.definition.handler(live))
            report = endings.ended(live, result, utc_now())
        except asyncio.CancelledError:
            report = endings.stopped(live, utc_now())
        except Exception as error:  # the edge of somebody else's code: whatever it raises is the outcome of the run
            report = endings.raised(live, error, utc_now())
        self._outbox.put(report)

    async def _alone(self, live: LiveRun) -> Result:
        async with live.hold_own():
            return await live.definition.handler(live)

    def _let_go(self, message: Message) -> None:
        self._queue.acknowledge((message,))
        self._queue.release(1)


def _remember(memory: OrderedDict[UUID, Value], run: UUID, value: Value) -> None:
    memory[run] = value
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)
