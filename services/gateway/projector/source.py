"""What the projector reads: the tick log, the reports and the two buckets, in the order in which they were written."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import structlog
from msgspec import DecodeError, Struct, field

from shared.catalogue.admission import ANY_INTERVAL_MS, BadSpec, admitted
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

# Of each stream. Under load a run's tick and its end are up to a second apart: with less at hand, its row would be
# written twice, and whoever is behind would fall further behind.
_AT_HAND_BYTES = 4_000_000
_CROWD = 200
_NUL, _REPLACEMENT = b"\\u0000", b"\\ufffd"

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
    """`positions`: behind which sequence to read each stream.

    What has piled up is taken in the order in which it was written, whichever stream holds it: a run's tick and its end
    then come together, and make one row that is written once.
    """

    def __init__(self, bus: Bus, positions: dict[str, int]) -> None:
        self._bus = bus
        self._positions = positions
        self._at_hand: dict[str, list[Message]] = {stream: [] for stream in STREAMS}
        self._bytes = dict.fromkeys(STREAMS, 0)
        self._some = asyncio.Event()
        self._room = asyncio.Event()

    async def read(self, stream: str) -> None:
        """Read one stream, for ever; further only when what is at hand is not too much."""
        async for batch in follow(self._bus, stream, STREAMS[stream], After(self._positions[stream])):
            while self._bytes[stream] >= _AT_HAND_BYTES:
                self._room.clear()
                await self._room.wait()
            self._at_hand[stream] += batch
            self._bytes[stream] += _size(batch)
            self._some.set()

    async def take(self) -> News:
        """All that can be taken of what has arrived; waits for something."""
        while not any(self._at_hand.values()):
            self._some.clear()
            await self._some.wait()
        news = News()
        count = 0
        for stream, ripe in ripe_of({stream: held for stream, held in self._at_hand.items() if held}).items():
            count += _add(news, stream, self._taken(stream, ripe))
        news.crowded = count >= _CROWD and count > sum(news.waiting.values())
        return news

    def _taken(self, stream: str, count: int) -> list[Message]:
        held = self._at_hand[stream]
        batch, self._at_hand[stream] = held[:count], held[count:]
        self._bytes[stream] -= _size(batch)
        self._room.set()
        return batch


def ripe_of(held: Mapping[str, list[Message]]) -> dict[str, int]:
    """How many of each stream's messages at hand can be taken, at least one: those for which nothing older is to come.

    A stream that has more to deliver will bring nothing older than its last message at hand.
    """
    behind = {stream: batch[-1].written_ms for stream, batch in held.items() if batch[-1].pending}
    if not behind:
        return {stream: len(batch) for stream, batch in held.items()}
    first = min(behind, key=behind.__getitem__)
    ripe = {stream: bisect_right(batch, behind[first], key=_written) for stream, batch in held.items()}
    # All of it, even if the server's clock was set back in between: something has to be taken.
    ripe[first] = len(held[first])
    return {stream: count for stream, count in ripe.items() if count}


def _size(batch: list[Message]) -> int:
    return sum(len(message.data) for message in batch)


def _written(message: Message) -> int:
    return message.written_ms


def _add(news: News, stream: str, batch: list[Message]) -> int:
    """Decode a batch; how much it is."""
    news.positions[stream] = batch[-1].sequence
    news.waiting[stream] = batch[-1].pending
    if stream == subjects.TICKS:
        news.events.extend(_decoded(batch, codec.decode_tick_event))
    elif stream == subjects.REPORTS:
        bundles = _decoded(batch, codec.decode_reports)
        news.bundles.extend(bundles)
        return sum(len(bundle.reports) for bundle in bundles)
    elif stream == CATALOGUE:
        news.specs.update(_specs(batch))
    else:
        for message in batch:
            for control in _decoded([message], codec.decode_control):
                news.controls[control.job] = control, message.sequence
    return len(batch)


def _specs(batch: list[Message]) -> Iterator[tuple[str, Spec | None]]:
    """By job the spec, None where it was withdrawn. Whose a name is, and what came of it, is the scheduler's to say."""
    for message in batch:
        key = key_of(subjects.CATALOGUE, message.subject)
        try:
            yield key, admitted(key, message.data, least_interval_ms=ANY_INTERVAL_MS) if message.data else None
        except BadSpec as bad:
            log.debug("spec_set_aside", key=key, sequence=message.sequence, reason=bad.why)


def _decoded(batch: list[Message], decode: Callable[[bytes], Decoded]) -> list[Decoded]:
    """A message that can't be read is passed over, loudly: it must not stop all that come after it."""
    found: list[Decoded] = []
    for message in batch:
        try:
            # PostgreSQL has no U+0000 (8.14.1, 8.3): one log line with it would stop all that come after.
            found.append(decode(message.data.replace(_NUL, _REPLACEMENT)))
        except DecodeError as error:
            log.error("message_unreadable", subject=message.subject, sequence=message.sequence, reason=str(error))
    return found
