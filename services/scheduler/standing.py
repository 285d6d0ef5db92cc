"""What the tick log says of each job, read from its last entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from sys import intern
from uuid import UUID

import structlog
from msgspec import DecodeError, Struct

from shared.contracts import codec
from shared.contracts.ticks import Tick
from shared.messaging import Message

from .jobs import to_ms

log = structlog.get_logger()


class LastTick(Struct, frozen=True):
    """What is kept of a tick, of which there may be a hundred thousand: the run, and whether somebody asked for it."""

    sequence: int
    run: UUID
    category: str
    fired_at: datetime
    by_hand: bool


class Standing(Struct):
    """The last sequence, the last slot accounted for, and the last ticks (slot and manual) in order."""

    ticks: tuple[LastTick, ...] = ()
    sequence: int = 0
    accounted: int = 0


def standing_by_job(messages: Iterable[Message]) -> dict[str, Standing]:
    """By job. An entry that can't be read still counts for the sequence."""
    standings: dict[str, Standing] = {}
    for message in messages:
        note(standings, message)
    return standings


def note(standings: dict[str, Standing], message: Message) -> None:
    """Take an entry into account, in whatever order they come."""
    standing = standings.setdefault(message.subject.split(".")[2], Standing())
    sequence = message.sequence
    standing.sequence = max(standing.sequence, sequence)
    try:
        event = codec.decode_tick_event(message.data)
    except DecodeError as error:
        log.warning("tick_unreadable", subject=message.subject, reason=str(error))
        return
    if not isinstance(event, Tick):
        standing.accounted = max(standing.accounted, to_ms(event.last))
        return
    tick = LastTick(sequence, event.run, intern(event.category), event.fired_at, event.slot is None)
    standing.ticks = tuple(sorted((*standing.ticks, tick), key=lambda tick: tick.sequence))
    if event.slot is not None:
        standing.accounted = max(standing.accounted, to_ms(event.slot))
