"""Ticks and reports folded into rows. Pure: the same messages, late, doubled or replayed, give the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.contracts.reports import (
    Applied,
    Finished,
    Logged,
    Planned,
    Progressed,
    Report,
    Reports,
    Retrying,
    Started,
)
from shared.contracts.ticks import SlotsSkipped, Tick, TickEvent

from ..runs import RunRow


class Memory:
    """Runs of which more may come, and how many runs of each job have finished."""

    def __init__(self, rows: Iterable[RunRow], finished: dict[str, int]) -> None:
        self.open = {row.id: row for row in rows}
        self.finished = finished

    @property
    def empty(self) -> bool:
        """Nothing was ever written."""
        return not (self.open or self.finished)


class Batch:
    """What one transaction writes. Runs are in the order in which they were first touched."""

    def __init__(self) -> None:
        self.runs: dict[UUID, RunRow] = {}
        self.retries: list[tuple[Retrying, str]] = []
        self.logs: list[Logged] = []
        self.plans: list[Planned] = []
        self.applied: list[Applied] = []
        self.skipped: list[SlotsSkipped] = []

    @property
    def detailed(self) -> bool:
        """Whether there is more to write than runs."""
        return bool(self.retries or self.logs or self.plans or self.applied or self.skipped)


def unknown_runs(
    memory: Memory, events: Iterable[TickEvent], bundles: Iterable[Reports], *, replayed: bool = False
) -> set[UUID]:
    """Runs that may be in the database, and finished long ago: of reports without a tick, and of ticks that can come
    twice, which those of slots do only where the log is `replayed`."""
    ticks = [event for event in events if isinstance(event, Tick)]
    again = {tick.run for tick in ticks if replayed or tick.slot is None}
    seen = memory.open.keys() | {tick.run for tick in ticks}
    told = {report.run for bundle in bundles for report in bundle.reports if report.run not in seen}
    return told | (again - memory.open.keys())


def fold(memory: Memory, events: Iterable[TickEvent], bundles: Iterable[Reports]) -> Batch:
    """Fold messages into the memory; what has changed is the batch to write. Ticks first: reports follow from them."""
    batch = Batch()
    for event in events:
        if isinstance(event, Tick):
            _tick(memory, batch, event)
        else:
            batch.skipped.append(event)
    for bundle in bundles:
        for report in bundle.reports:
            _report(memory, batch, report, bundle)
    forget(memory, batch.runs)
    return batch


def forget(memory: Memory, runs: Iterable[UUID]) -> None:
    """Let go of those of these runs of which no more can come."""
    for run in runs:
        if (row := memory.open.get(run)) is not None and row.complete:
            del memory.open[run]


def _tick(memory: Memory, batch: Batch, tick: Tick) -> None:
    row = memory.open.get(tick.run)
    if row is None:
        row = memory.open[tick.run] = RunRow(tick.run, tick.job, tick.category)
    if row.ticked(tick):
        batch.runs[row.id] = row


def _report(memory: Memory, batch: Batch, report: Report, bundle: Reports) -> None:
    if isinstance(report, Logged):
        batch.logs.append(report)
        return
    row = memory.open.get(report.run)
    if row is None:
        row = memory.open[report.run] = RunRow(report.run, report.job, bundle.category)
    if _tell(memory, batch, row, report, bundle.worker):
        batch.runs[row.id] = row


def _tell(memory: Memory, batch: Batch, row: RunRow, report: Report, worker: str) -> bool:
    news = False
    if isinstance(report, Finished):
        if news := row.finished(report, worker):
            row.number = memory.finished[row.job] = memory.finished.get(row.job, 0) + 1
    elif isinstance(report, Started):
        news = row.started(report, worker)
    elif isinstance(report, Progressed):
        news = row.progressed(report)
    elif isinstance(report, Retrying):
        if news := row.retrying(report):
            batch.retries.append((report, worker))
    elif isinstance(report, Planned):
        batch.plans.append(report)
    elif isinstance(report, Applied):
        batch.applied.append(report)
    return news
