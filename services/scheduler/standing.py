"""What the tick log says of each job, read from its last entries."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from msgspec import DecodeError, Struct

from shared.contracts import codec
from shared.contracts.ticks import Tick
from shared.messaging import Message

from .jobs import to_ms

log = structlog.get_logger()


class Standing(Struct):
    """The last sequence, the last slot accounted for, and the last ticks (slot and manual) with theirs, in order."""

    ticks: list[tuple[int, Tick]]
    sequence: int = 0
    accounted: int = 0


def standing_by_job(messages: Iterable[Message]) -> dict[str, Standing]:
    """By job. An entry that can't be read still counts for the sequence."""
    standings: dict[str, Standing] = {}
    for message in messages:
        standing = standings.setdefault(message.subject.split(".")[2], Standing([]))
        sequence = message.sequence
        standing.sequence = max(standing.sequence, sequence)
        try:
            event = codec.decode_tick_event(message.data)
        except DecodeError as error:
            log.warning("tick_unreadable", subject=message.subject, reason=str(error))
            continue
        if not isinstance(event, Tick):
            standing.accounted = max(standing.accounted, to_ms(event.last))
            continue
        standing.ticks.append((sequence, event))
        standing.ticks.sort(key=lambda entry: entry[0])
        if event.slot is not None:
            standing.accounted = max(standing.accounted, to_ms(event.slot))
    return standings
