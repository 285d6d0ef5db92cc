"""How far this gateway's projector has come: what is still to be read, and for how long it has been there."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from time import monotonic
from typing import NoReturn

import structlog

from shared.contracts import subjects
from shared.messaging import Bus, MessagingError, last_sequence
from shared.runtime.metrics import QUICK_S, SIZES, Meter
from shared.runtime.telemetry import Telemetry
from shared.runtime.traces import Span, ns, span_id

from ..runs import RunRow
from .fold import Batch

log = structlog.get_logger()

LOOK_S = 10.0
_STREAMS = (subjects.TICKS, subjects.REPORTS)
_LOOKS_KEPT = 5000


class Lag:
    """Of one stream. Each look tells the stream's end: what was its end then and is not read yet has waited since."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=_LOOKS_KEPT)
        self._end = 0
        self._read = 0

    def looked(self, at: float, end: int) -> None:
        """At this moment (seconds) the last message had the sequence `end`."""
        if end < self._end:
            # Another stream of that name.
            self._looks.clear()
        self._end = end
        if end > self._read and (not self._looks or self._looks[-1][1] < end):
            self._looks.append((at, end))

    def read(self, sequence: int) -> None:
        """All up to this sequence is in Postgres."""
        self._read = sequence
        while self._looks and self._looks[0][1] <= sequence:
            self._looks.popleft()

    @property
    def messages(self) -> int:
        return max(0, self._end - self._read)

    def seconds(self, now: float) -> float:
        """For how long, at least, the oldest message has waited to be read."""
        return max(0.0, now - self._looks[0][0]) if self._looks else 0.0


class Progress:
    """Shown only by the gateway that projects, or that did so last and can't any more: no other has taken over."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._tracer = telemetry.tracer("gateway")
        self._projects = False
        self._lags: dict[str, Lag] = {}
        self._show(telemetry.meter)

    def _show(self, meter: Meter) -> None:
        self._size = meter.histogram("showrunner_projector_batch_runs", "Runs written in one transaction.", SIZES)
        self._took = meter.histogram(
            "showrunner_projector_batch_seconds", "From a batch at hand until it was written and told.", QUICK_S
        )
        meter.show("showrunner_projecting", "1 for the gateway that projects.", lambda: self._projects)
        meter.show_each("showrunner_projector_lag_messages", "Messages that are not in Postgres yet.", "stream",
                        lambda: {stream: lag.messages for stream, lag in self._lags.items()})  # fmt: skip
        meter.show_each("showrunner_projector_lag_seconds", "For how long the oldest of them has waited.", "stream",
                        lambda: {stream: lag.seconds(monotonic()) for stream, lag in self._lags.items()})  # fmt: skip

    def stand_by(self) -> None:
        """Another gateway projects."""
        self._projects = False
        self._lags = {}

    def begin(self, positions: dict[str, int], ends: dict[str, int]) -> None:
        """This gateway projects from these sequences on, while the streams end at those."""
        self._projects = True
        self._lags = {stream: self._lags.get(stream) or Lag() for stream in _STREAMS}
        self.read(positions)
        for stream, lag in self._lags.items():
            lag.looked(monotonic(), ends[stream])

    def stop(self) -> None:
        """It can't go on; nobody else may be able to, either."""
        self._projects = False

    def read(self, positions: dict[str, int]) -> None:
        """All up to these sequences is in Postgres."""
        for stream, sequence in positions.items():
            if (lag := self._lags.get(stream)) is not None:
                lag.read(sequence)

    def wrote(self, batch: Batch, seconds: float) -> None:
        """A batch is written and told."""
        self._size.observe(len(batch.runs))
        self._took.observe(seconds)
        if self._tracer is not None:
            now = time.time_ns()
            for row in batch.runs.values():
                if row.finished_at is not None:
                    self._tracer.tell(_span(row, now))

    async def watch(self, bus: Bus) -> NoReturn:
        """Look where the streams end, for ever."""
        while True:
            try:
                for stream, lag in self._lags.items():
                    _, end = await last_sequence(bus, stream)
                    lag.looked(monotonic(), end)
            except MessagingError as error:
                log.debug("stream_end_not_known", reason=str(error))
            await asyncio.sleep(LOOK_S)


def _span(row: RunRow, now_ns: int) -> Span:
    assert row.finished_at is not None
    return Span(
        run=row.id,
        id=span_id(row.id, "projected"),
        name="report projected",
        start_ns=ns(row.finished_at),
        end_ns=now_ns,
        parent=span_id(row.id, "attempt", row.attempt),
        kind="consumer",
        attributes={"showrunner.job": row.job, "showrunner.outcome": row.outcome or ""},
    )
