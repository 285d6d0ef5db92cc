"""What the projector reads: the tick log, the reports, and the two buckets, merged into one bounded queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog
from msgspec import DecodeError, Struct, field

from shared.contracts import codec, subjects
from shared.contracts.controls import Control
from shared.contracts.reports import Reports
from shared.contracts.specs import Spec
from shared.contracts.ticks import TickEvent
from shared.messaging import After, Bus, Message, follow
from shared.messaging.buckets import key_of

log = structlog.get_logger()

CATALOGUE = subjects.bucket_stream(subjects.CATALOGUE)
CONTROLS = subjects.bucket_stream(subjects.CONTROLS)
STREAMS: dict[str, tuple[str, ...]] = {
    subjects.TICKS: (subjects.ALL_TICKS,),
    subjects.REPORTS: (subjects.ALL_REPORTS,),
    CATALOGUE: (subjects.bucket_key(subjects.CATALOGUE, ">"),),
    CONTROLS: (subjects.bucket_key(subjects.CONTROLS, ">"),),
}

_BATCHES_WAITING = 64
_MESSAGES_AT_ONCE = 8000
_CROWD = 200

Decoded = TypeVar("Decoded")


class News(Struct):
    """Messages that go into one transaction, decoded, and how far each stream has been read with them.

    `waiting` is how many more were waiting in each stream; `crowded` means much traffic, but no backlog.
    """

    positions: dict[str, int] = field(default_factory=dict)
    events: list[TickEvent] = field(default_factory=list)
    bundles: list[Reports] = field(default_factory=list)
    specs: dict[str, Spec | None] = field(default_factory=dict)
    controls: dict[str, tuple[Control, int]] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    crowded: bool = False


class Source:
    """`positions`: behind which sequence to read each stream."""

    def __init__(self, bus: Bus, positions: dict[str, int]) -> None:
        self._bus = bus
        self._positions = positions
        self._arrived: asyncio.Queue[tuple[str, list[Message]]] = asyncio.Queue(_BATCHES_WAITING)

    async def read(self, stream: str) -> None:
        """Read one stream, for ever."""
        async for batch in follow(self._bus, stream, STREAMS[stream], After(self._positions[stream])):
            await self._arrived.put((stream, batch))

    async def take(self) -> News:
        """All that has arrived, within reason; waits for something."""
        news = News()
        count = _add(news, *await self._arrived.get())
        while count < _MESSAGES_AT_ONCE and not self._arrived.empty():
            count += _add(news, *self._arrived.get_nowait())
        news.crowded = count >= _CROWD and count > sum(news.waiting.values())
        return news


def _add(news: News, stream: str, batch: list[Message]) -> int:
    news.positions[stream] = batch[-1].sequence
    news.waiting[stream] = batch[-1].pending
    if stream == subjects.TICKS:
        news.events.extend(_decoded(batch, codec.decode_tick_event))
    elif stream == subjects.REPORTS:
        news.bundles.extend(_decoded(batch, codec.decode_reports))
        return sum(len(bundle.reports) for bundle in news.bundles)
    elif stream == CATALOGUE:
        for message in batch:
            spec = _decoded([message], codec.decode_spec) if message.data else [None]
            news.specs.update((key_of(subjects.CATALOGUE, message.subject), entry) for entry in spec)
    else:
        for message in batch:
            for control in _decoded([message], codec.decode_control):
                news.controls[control.job] = control, message.sequence
    return len(batch)


def _decoded(batch: list[Message], decode: Callable[[bytes], Decoded]) -> list[Decoded]:
    """A message that can't be read is passed over, loudly: it must not stop all that come after it."""
    found: list[Decoded] = []
    for message in batch:
        try:
            found.append(decode(message.data))
        except DecodeError as error:
            log.error("message_unreadable", subject=message.subject, sequence=message.sequence, reason=str(error))
    return found
