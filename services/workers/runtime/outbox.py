"""The reports of a worker, on their way to the log: one bundle in flight, what happens meanwhile goes with the next.

What waits is not said when something that waits too says more: a run's start when the run has ended, its progress when
it has got further.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from uuid import UUID

import structlog

from shared.contracts import codec, subjects
from shared.contracts.reports import Finished, Logged, Progressed, Report, Reports, Started
from shared.messaging import Bus, MessagingError, append_plain

log = structlog.get_logger()

_BUNDLE = 2000
_BUNDLE_BYTES = 1_000_000
_LOG_LINES_WAITING = 50_000
_RETRY_S = 0.2

Written = Callable[[list[Report]], None]


class Outbox:
    """Reports go out in the order in which they were put. `took` is told how many seconds each bundle took."""

    def __init__(self, bus: Bus, category: str, worker: str, took: Callable[[float], None]) -> None:
        self._bus = bus
        self._category = category
        self._worker = worker
        self._took = took
        self._subject = subjects.reports(category, worker)
        self._waiting: list[Report | None] = []
        self._starts: dict[UUID, int] = {}
        self._progress: dict[UUID, int] = {}
        self._some = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, report: Report) -> None:
        """Report something."""
        waiting = self._waiting
        if isinstance(report, Started):
            self._starts[report.run] = len(waiting)
            self._progress.pop(report.run, None)
        elif isinstance(report, Finished):
            self._drop_passed(report.run)
        elif isinstance(report, Progressed):
            place = self._progress.get(report.run)
            if place is not None:
                waiting[place] = report
                return
            self._progress[report.run] = len(waiting)
        elif isinstance(report, Logged) and len(waiting) > _LOG_LINES_WAITING:
            # NATS has been away for long: the ends of runs must still find room.
            return
        waiting.append(report)
        self._some.set()
        self._empty.clear()

    async def run(self, written: Written) -> None:
        """Send bundles, for ever. `written` is called with the reports that are on disk."""
        while True:
            await self._some.wait()
            self._some.clear()
            reports = [report for report in self._waiting if report is not None]
            self._waiting, self._starts, self._progress = [], {}, {}
            for payload in self._bundles(reports):
                await self._send(payload)
            written(reports)
            if not self._waiting:
                self._empty.set()

    async def drained(self) -> None:
        """Wait until everything that was put is on disk."""
        await self._empty.wait()

    def _drop_passed(self, run: UUID) -> None:
        """The end of a run is about to wait: it says when the last attempt began, and no progress is left to make."""
        for places in (self._starts, self._progress):
            if (place := places.pop(run, None)) is not None:
                self._waiting[place] = None

    def _bundles(self, reports: list[Report]) -> list[bytes]:
        payload = codec.encode(Reports(worker=self._worker, category=self._category, reports=tuple(reports)))
        if len(reports) == 1 or (len(reports) <= _BUNDLE and len(payload) <= _BUNDLE_BYTES):
            return [payload]
        half = len(reports) // 2
        return self._bundles(reports[:half]) + self._bundles(reports[half:])

    async def _send(self, payload: bytes) -> None:
        began = monotonic()
        while True:
            try:
                await append_plain(self._bus, self._subject, payload)
                self._took(monotonic() - began)
                return
            except MessagingError as error:
                # Sent again, a bundle may stand in the log twice: the reader takes no notice of the second.
                log.warning("reports_not_taken", worker=self._worker, reason=str(error))
                await asyncio.sleep(_RETRY_S)
