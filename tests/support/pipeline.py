"""Schedulers, workers and projectors side by side in the test's own loop, and what they have written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.gateway.asking import CommandRefused, ask
from services.gateway.projector.loop import project
from services.scheduler.jobs import to_time
from services.scheduler.service import run as run_scheduler
from services.scheduler.settings import SchedulerSettings
from services.workers.door import Job
from services.workers.runtime.announce import announce
from services.workers.runtime.service import run as run_worker
from services.workers.runtime.settings import WorkerSettings
from shared.contracts import codec, subjects
from shared.contracts.commands import Cancel, Command, Done, RefusalCode, RunNow
from shared.contracts.controls import Control
from shared.contracts.feed import Feed, Run
from shared.contracts.ids import new_run, slot_run
from shared.contracts.reports import Finished, Outcome, Report, Reports
from shared.contracts.specs import Spec
from shared.contracts.ticks import Tick, TickEvent
from shared.messaging import After, Bus, Message, Retention, append_plain, connect, declare, read_all
from shared.messaging.buckets import put
from shared.runtime.database import open_pool
from tests.support.handlers import OFTEN_MS
from tests.support.waiting import wait_until

Service = asyncio.Task[None]


class Pipeline:
    """One NATS, one Postgres, any number of services; each has a connection of its own and can be stopped by itself."""

    def __init__(self, nats_url: str, bus: Bus, pool: asyncpg.Pool, stack: AsyncExitStack) -> None:
        self.bus = bus
        self.pool = pool
        self._nats_url = nats_url
        self._stack = stack
        self._services: list[Service] = []

    # Services

    async def connected(self, name: str) -> Bus:
        """One more connection."""
        return await self._stack.enter_async_context(connect(self._nats_url, name))

    async def scheduler(self, name: str = "", *, alone: bool = False) -> Service:
        settings = SchedulerSettings(name=name, least_interval_ms=OFTEN_MS, alone=alone)
        return self.start(run_scheduler(await self.connected("scheduler"), settings))

    async def worker(self, *jobs: Job, **settings: Any) -> Service:
        wanted = WorkerSettings(**({"drain_s": 0.0, "least_interval_ms": OFTEN_MS} | settings))
        return self.start(run_worker(await self.connected("worker"), jobs, wanted))

    async def projector(self) -> Service:
        bus = await self.connected("projector")

        async def tell(feed: Feed) -> None:
            await bus.say(subjects.FEED, codec.encode(feed))

        return self.start(project(bus, self.pool, tell))

    async def all(self, *jobs: Job) -> None:
        """A scheduler, a worker and a projector, all of which know these jobs."""
        await self.scheduler()
        await self.worker(*jobs)
        await self.projector()
        for job in jobs:
            await self.known(job.spec.name)

    def start(self, service: Coroutine[Any, Any, None]) -> Service:
        task = asyncio.ensure_future(service)
        self._services.append(task)
        return task

    async def stop(self, service: Service) -> None:
        """As a signal does; an error that it ended with is raised."""
        self._services.remove(service)
        service.cancel()
        await asyncio.wait([service])
        if not service.cancelled() and (error := service.exception()) is not None:
            raise error

    async def close(self) -> None:
        services, self._services = self._services, []
        for service in services:
            service.cancel()
        if services:
            await asyncio.wait(services)
        for service in services:
            if not service.cancelled() and (error := service.exception()) is not None:
                raise error

    # Commands

    async def ask(self, command: Command) -> Done:
        return await ask(self.bus, command)

    async def run(self, job: str, by: str = "kim", **given: Any) -> UUID:
        """Run a job by hand; the id of the run."""
        run = new_run()
        assert await self.ask(RunNow(job=job, run=run, by=by, **given)) == Done(run=run)
        return run

    async def refusal(self, command: Command) -> RefusalCode:
        """The code with which a command is refused."""
        try:
            done = await self.ask(command)
        except CommandRefused as refused:
            return refused.code
        raise AssertionError(f"{command} was carried out: {done}")

    async def known(self, job: str) -> None:
        """Wait until the scheduler that leads knows the job."""
        nothing = Cancel(job=job, run=new_run(), by="nobody")

        async def heard() -> bool:
            return await self.refusal(nothing) == "run_not_active"

        await wait_until(heard, what=f"a scheduler that knows {job}")

    # The log

    async def announced(self, *specs: Spec) -> None:
        """In the catalogue, without a worker."""
        await announce(self.bus, specs)

    async def write_tick(self, spec: Spec, slot: int, *, ended: bool = True) -> UUID:
        """Have the log say that a slot (milliseconds since the epoch) was fired when it was due; the run."""
        run, at = slot_run(spec.name, slot), to_time(slot)
        tick = Tick(run=run, job=spec.name, category=spec.category, trigger="slot", fired_at=at, slot=at, due_at=at)
        await self.write_event(tick)
        if ended:
            await self.write_reports(finished(run, spec.name, at), category=spec.category)
        return run

    async def write_event(self, tick: Tick) -> None:
        """A tick as another scheduler may have written it."""
        subject = (subjects.slot_tick if tick.slot else subjects.manual_tick)(tick.category, tick.job)
        await append_plain(self.bus, subject, codec.encode(tick))

    async def write_control(self, control: Control) -> None:
        """Have the bucket say that a scheduler wrote this control, and when."""
        await put(self.bus, subjects.CONTROLS, control.job, codec.encode(control), revision=0)

    async def write_reports(self, *reports: Report, category: str = "test") -> None:
        bundle = Reports(worker="elsewhere", category=category, reports=reports)
        await append_plain(self.bus, subjects.reports(category, "elsewhere"), codec.encode(bundle))

    async def ticks(self, job: str) -> list[TickEvent]:
        """All that the tick log holds of a job, in order."""
        messages = await self.messages(subjects.TICKS, f"ticks.*.{job}.*")
        return [codec.decode_tick_event(message.data) for message in messages]

    async def entry_count(self, job: str) -> int:
        """How many entries the tick log holds of a job."""
        return len(await self.ticks(job))

    async def reports(self) -> list[Report]:
        """All reports that stand in the stream, in order."""
        messages = await self.messages(subjects.REPORTS, subjects.ALL_REPORTS)
        return [report for message in messages for report in codec.decode_reports(message.data).reports]

    async def messages(self, stream: str, subject: str) -> list[Message]:
        return await read_all(self.bus, stream, (subject,), After(0))

    # Rows

    async def rows(self, job: str) -> list[asyncpg.Record]:
        """The runs of a job, the oldest first."""
        return await self.pool.fetch("SELECT * FROM run WHERE job = $1 ORDER BY id", job)

    async def row(self, run: UUID) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT * FROM run WHERE id = $1", run)
        assert row is not None, f"Postgres does not know run {run}"
        return row

    async def in_state(self, run: UUID, state: str, timeout: float = 10) -> asyncpg.Record:
        """The run's row, as soon as it says so."""

        async def reached() -> asyncpg.Record | None:
            row = await self.row(run)
            assert row["state"] == state, row
            return row

        return await wait_until(reached, timeout, what=f"a run to be {state}")

    async def ended(self, run: UUID, timeout: float = 10) -> asyncpg.Record:
        return await self.in_state(run, "finished", timeout)

    async def all_ended(self, job: str, count: int, timeout: float = 10) -> list[asyncpg.Record]:
        """The rows of a job, as soon as at least `count` runs have finished."""

        async def reached() -> list[asyncpg.Record] | None:
            rows = await self.rows(job)
            done = [row for row in rows if row["state"] == "finished"]
            assert len(done) >= count, f"{len(done)} of {count}"
            return done

        return await wait_until(reached, timeout, what=f"{count} ended runs of {job}")

    async def skipped(self, job: str) -> list[tuple[datetime, datetime, int, str]]:
        """Ranges of slots that were not fired: first, last, how many, why."""
        rows = await self.pool.fetch("SELECT first, last, count, why FROM skipped WHERE job = $1 ORDER BY first", job)
        return [tuple(row) for row in rows]

    async def contents(self) -> dict[str, list[dict[str, Any]]]:
        """All that the projector has written but its place in the streams."""
        keys = {"run": "id", "attempt": "run, attempt", "log": "run, attempt, number", "change": "run, number"}
        keys |= {"skipped": "job, first", "control": "job"}
        return {
            table: [dict(row) for row in await self.pool.fetch(f"SELECT * FROM {table} ORDER BY {key}")]
            for table, key in keys.items()
        }

    async def projected(self) -> None:
        """Wait until all that stands in the streams now is in Postgres."""
        last = {stream: await self._last(stream) for stream in (subjects.TICKS, subjects.REPORTS)}

        async def reached() -> bool:
            rows = await self.pool.fetch("SELECT stream, sequence FROM position")
            read = {row["stream"]: row["sequence"] for row in rows}
            assert all(read.get(stream, 0) >= sequence for stream, sequence in last.items()), (read, last)
            return True

        await wait_until(reached, 20, what="the projector to read everything")

    async def _last(self, stream: str) -> int:
        return int((await self.bus.api(f"STREAM.INFO.{stream}", {}))["state"]["last_seq"])

    @asynccontextmanager
    async def feed(self) -> AsyncIterator[list[Feed]]:
        """All that is heard on the feed while the block lasts."""
        heard: list[Feed] = []
        async with self.bus.listen(subjects.FEED) as batches:

            async def hear() -> None:
                async for batch in batches:
                    heard.extend(codec.decode_feed(message.data) for message in batch)

            listening = asyncio.ensure_future(hear())
            try:
                yield heard
            finally:
                listening.cancel()
                await asyncio.wait([listening])


def runs_of(feed: list[Feed], run: UUID) -> list[Run]:
    """What a feed says of one run."""
    return [told for message in feed for told in message.runs if told.id == run]


def finished(run: UUID, job: str, at: datetime, outcome: Outcome = "succeeded", attempt: int = 1) -> Finished:
    """The report of a run that took no time."""
    return Finished(run=run, job=job, attempt=attempt, started_at=at, at=at, outcome=outcome, summary="done elsewhere")


@asynccontextmanager
async def open_pipeline(nats_url: str, database_url: str) -> AsyncIterator[Pipeline]:
    """Streams declared and a pool open; no services yet. All that are started in it are stopped at the end."""
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(connect(nats_url, "test"))
        await declare(bus, Retention())
        pool = await stack.enter_async_context(open_pool(database_url, schema="jobs"))
        line = Pipeline(nats_url, bus, pool, stack)
        try:
            yield line
        finally:
            await line.close()
