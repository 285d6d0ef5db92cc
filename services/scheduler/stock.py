"""What NATS holds for us: ticks that wait, by category, and how large the streams are. Looked at now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any, NoReturn

import structlog
from msgspec import Struct

from shared.contracts import subjects
from shared.messaging import Bus, MessagingError, Rejected
from shared.runtime.clock import utc_now
from shared.runtime.metrics import Meter

from .roster import Roster

log = structlog.get_logger()

LOOK_S = 15.0
_NO_CONSUMER, _NO_MESSAGE = "(10014)", "(10037)"
_STREAMS = (subjects.TICKS, subjects.REPORTS)


class Queue(Struct, frozen=True, kw_only=True):
    """Ticks of one category: how many `wait` for a worker, since when the oldest, and how many are `under_way`."""

    waiting: int
    under_way: int
    oldest: datetime | None


class Stream(Struct, frozen=True, kw_only=True):
    """`limit_bytes` 0: none."""

    bytes: int
    messages: int
    limit_bytes: int


class Stock:
    """As of the last look; what could not be looked at is not known."""

    def __init__(self, meter: Meter) -> None:
        self._queues: dict[str, Queue] = {}
        self._streams: dict[str, Stream] = {}
        meter.show_each("showrunner_queue_waiting", "Ticks that wait for a worker.", "category",
                        lambda: {name: queue.waiting for name, queue in self._queues.items()})  # fmt: skip
        meter.show_each("showrunner_queue_under_way", "Ticks that a worker has, or that wait for their next attempt.",
                        "category",
                        lambda: {name: queue.under_way for name, queue in self._queues.items()})  # fmt: skip
        meter.show_each("showrunner_queue_oldest_seconds", "For how long the oldest waiting tick has waited.",
                        "category", self._ages)  # fmt: skip
        meter.show_each("showrunner_stream_bytes", "What a stream takes on disk.", "stream",
                        lambda: {name: stream.bytes for name, stream in self._streams.items()})  # fmt: skip
        meter.show_each("showrunner_stream_limit_bytes", "At which size a stream loses its oldest messages.", "stream",
                        lambda: {name: stream.limit_bytes for name, stream in self._streams.items()
                                 if stream.limit_bytes})  # fmt: skip
        meter.show_each("showrunner_stream_messages", "Messages in a stream.", "stream",
                        lambda: {name: stream.messages for name, stream in self._streams.items()})  # fmt: skip

    async def watch(self, bus: Bus, roster: Roster) -> NoReturn:
        """Look, for ever."""
        while True:
            try:
                self._queues = await look_at_queues(bus, roster.categories)
                self._streams = await look_at_streams(bus)
            except MessagingError as error:
                log.info("stock_not_known", reason=str(error))
                self.forget()
            await asyncio.sleep(LOOK_S)

    def forget(self) -> None:
        """Nothing is known any more."""
        self._queues, self._streams = {}, {}

    def _ages(self) -> dict[str, float]:
        now = utc_now()
        return {
            name: (now - queue.oldest).total_seconds() if queue.oldest else 0.0 for name, queue in self._queues.items()
        }


async def look_at_queues(bus: Bus, categories: Collection[str]) -> dict[str, Queue]:
    """The queues of those of these categories that have ever had a worker."""
    queues = {category: await _queue(bus, category) for category in sorted(categories)}
    return {category: queue for category, queue in queues.items() if queue is not None}


async def look_at_streams(bus: Bus) -> dict[str, Stream]:
    """The streams in which work travels."""
    infos = {stream: await bus.api(f"STREAM.INFO.{stream}", {}) for stream in _STREAMS}
    return {
        stream: Stream(
            bytes=info["state"]["bytes"],
            messages=info["state"]["messages"],
            limit_bytes=max(0, info["config"].get("max_bytes", 0)),
        )
        for stream, info in infos.items()
    }


async def _queue(bus: Bus, category: str) -> Queue | None:
    try:
        info = await bus.api(f"CONSUMER.INFO.{subjects.TICKS}.{subjects.workers_of(category)}", {})
    except Rejected as reason:
        if _NO_CONSUMER in str(reason):
            return None
        raise
    waiting = info["num_pending"]
    oldest = await _written_after(bus, category, info["delivered"]["stream_seq"]) if waiting else None
    return Queue(waiting=waiting, under_way=info["num_ack_pending"], oldest=oldest)


async def _written_after(bus: Bus, category: str, sequence: int) -> datetime | None:
    """When the first tick of a category behind this sequence was written; None if it has been taken meanwhile."""
    found = [
        datetime.fromisoformat(message["time"])
        for subject in subjects.runnable_ticks(category)
        if (message := await _next(bus, subject, sequence + 1)) is not None
    ]
    return min(found, default=None)


async def _next(bus: Bus, subject: str, sequence: int) -> dict[str, Any] | None:
    try:
        answer = await bus.api(f"STREAM.MSG.GET.{subjects.TICKS}", {"seq": sequence, "next_by_subj": subject})
    except Rejected as reason:
        if _NO_MESSAGE in str(reason):
            return None
        raise
    message: dict[str, Any] = answer["message"]
    return message
