"""The projector: the gateway that holds the lock reads the streams, writes Postgres, and tells what it wrote."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

import asyncpg
import structlog

from shared.contracts import subjects
from shared.contracts.feed import Feed
from shared.messaging import Bus, MessagingError, last_sequence
from shared.runtime.cancellation import heed_cancellation
from shared.runtime.telemetry import Telemetry

from ..runs import to_run
from . import store
from .fold import Batch, Memory, fold, forget, unknown_runs
from .progress import Progress
from .source import CONTROLS, STREAMS, News, Source

log = structlog.get_logger()

_ASK_S = 1.0
_RETRY_S = 0.5
_FEED_RUNS = 1000
# The last is what a connection says that broke in the midst of a query, when it is used once more.
_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, asyncpg.InternalClientError)
# Under load, what happens to a run within this time is written and told once.
_REST_S = 0.1

Tell = Callable[[Feed], Awaitable[None]]


async def project(bus: Bus, pool: asyncpg.Pool, tell: Tell, progress: Progress | None = None) -> None:
    """Project, for ever: waits while another gateway does, and begins again from what is on disk after any failure.

    `tell` is called with what was written, after the commit; `progress` shows how far that is.
    """
    progress = progress or Progress(Telemetry())
    while True:
        try:
            async with pool.acquire() as connection:
                try:
                    await _wait_to_lead(connection, progress)
                    await Projector(bus, connection, tell, progress).run()
                finally:
                    # Its lock goes with it, if it is not gone already.
                    with suppress(asyncpg.InterfaceError):
                        connection.terminate()
        except* (*_FAILURES, MessagingError) as errors:
            progress.stop()
            log.warning("projector_restarts", reason=str(errors.exceptions[0]))
        heed_cancellation()
        await asyncio.sleep(_RETRY_S)


async def _wait_to_lead(connection: store.Connection, progress: Progress) -> None:
    # Asked for again and again: a wait inside Postgres would hold its vacuum back.
    while True:
        if await store.try_to_lead(connection):
            return
        progress.stand_by()
        await asyncio.sleep(_ASK_S)


class Projector:
    """One term of office: from taking the lock to the first failure."""

    def __init__(self, bus: Bus, connection: store.Connection, tell: Tell, progress: Progress) -> None:
        self._bus = bus
        self._connection = connection
        self._tell = tell
        self._progress = progress
        self._source_id = secrets.token_hex(6)
        self._told = 0
        self._created: dict[str, str] = {}
        self._replayed_until = 0

    async def run(self) -> None:
        """Read, write and tell until something fails."""
        positions, ends = await self._positions()
        self._progress.begin(positions, ends)
        source = Source(self._bus, positions)
        memory = await store.read_memory(self._connection)
        if memory.empty:
            self._replayed_until = 0
        log.info("projecting", source=self._source_id, open_runs=len(memory.open))
        async with asyncio.TaskGroup() as loops:
            for stream in STREAMS:
                loops.create_task(source.read(stream))
            loops.create_task(self._watch_connection())
            while True:
                news = await source.take()
                await self._project(memory, news)
                if news.crowded:
                    await asyncio.sleep(_REST_S)

    async def _watch_connection(self) -> None:
        """Fail when the connection ends, though nothing may be there to write: another database may be in place."""
        ended = asyncio.Event()

        def end(_: object) -> None:
            ended.set()

        self._connection.add_termination_listener(end)
        await ended.wait()
        raise ConnectionResetError("the database has closed the connection")

    async def _positions(self) -> tuple[dict[str, int], dict[str, int]]:
        """Where to read on (from the beginning in a stream that was made anew since), and where the streams end."""
        known = await store.read_positions(self._connection)
        positions: dict[str, int] = {}
        ends: dict[str, int] = {}
        for stream in STREAMS:
            self._created[stream], ends[stream] = await last_sequence(self._bus, stream)
            created, sequence = known.get(stream, ("", 0))
            positions[stream] = sequence if created == self._created[stream] else 0
            if stream == CONTROLS and not positions[stream]:
                await store.forget_revisions(self._connection)
            if stream == subjects.TICKS and not positions[stream]:
                self._replayed_until = ends[stream]
        return positions, ends

    async def _project(self, memory: Memory, news: News) -> None:
        began = monotonic()
        replayed = self._replayed_until > 0
        if news.positions.get(subjects.TICKS, 0) >= self._replayed_until:
            self._replayed_until = 0
        if unknown := unknown_runs(memory, news.events, news.bundles, replayed=replayed):
            for row in await store.read_runs(self._connection, unknown):
                memory.open[row.id] = row
        batch = fold(memory, news.events, news.bundles)
        forget(memory, unknown)
        await store.write_specs(self._connection, news.specs)
        await store.write_controls(self._connection, news.controls)
        positions = {stream: (self._created[stream], sequence) for stream, sequence in news.positions.items()}
        await store.write(self._connection, batch, positions)
        self._progress.read(news.positions)
        await self._tell_of(batch)
        self._progress.wrote(batch, monotonic() - began)

    async def _tell_of(self, batch: Batch) -> None:
        runs = [to_run(row) for row in batch.runs.values()]
        skipped = tuple(batch.skipped)
        for start in range(0, max(len(runs), len(skipped) and 1), _FEED_RUNS):
            self._told += 1
            some = tuple(runs[start : start + _FEED_RUNS])
            feed = Feed(source=self._source_id, number=self._told, runs=some, skipped=skipped if start == 0 else ())
            await self._tell(feed)
