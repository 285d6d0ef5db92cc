"""Writing to a stream: one message, or a batch of which all or none is written, each compared with what is there."""

from __future__ import annotations

import itertools
import secrets

from msgspec import Struct

from .bus import Bus, publication, publication_with

# The server takes at most 1,000 messages in an atomic batch (NATS ADR-50).
BATCH_LIMIT = 1000


class Entry(Struct, frozen=True, gc=False):
    """A message to write, on condition that `expected` is the last sequence on the subjects that `guard` matches."""

    subject: str
    payload: bytes
    guard: str
    expected: int


_process = secrets.token_hex(6)
_numbers = itertools.count(1)


async def append(bus: Bus, entries: list[Entry], timeout: float = 5.0) -> int:
    """Write all entries or none; the sequence of the first (they stand in a row).

    Raises `Conflict` when one expected sequence is not the last, `Unreachable` when no answer came in time: then what
    was written must be read from the stream.
    """
    reply = bus.expect()
    if len(entries) == 1:
        entry = entries[0]
        commands = publication_with(_guard(entry), entry.subject, entry.payload, reply)
        return await bus.append(entry.subject, commands, reply, timeout)
    batch = f"{_process}-{next(_numbers)}"
    last = len(entries)
    lines = [
        publication_with(
            f"Nats-Batch-Id:{batch}\r\nNats-Batch-Sequence:{number}\r\n{_guard(entry)}"
            + ("Nats-Batch-Commit:1\r\n" if number == last else ""),
            entry.subject,
            entry.payload,
            reply if number == last else "",
        )
        for number, entry in enumerate(entries, 1)
    ]
    return await bus.append(entries[-1].subject, b"".join(lines), reply, timeout) - last + 1


async def append_plain(bus: Bus, subject: str, payload: bytes, timeout: float = 5.0) -> int:
    """Write one message without a condition; its sequence. Raises `Unreachable` when it may not have been written."""
    reply = bus.expect()
    return await bus.append(subject, publication(subject, payload, reply), reply, timeout)


def _guard(entry: Entry) -> str:
    if entry.guard == entry.subject:
        return f"Nats-Expected-Last-Subject-Sequence:{entry.expected}\r\n"
    return (
        f"Nats-Expected-Last-Subject-Sequence:{entry.expected}\r\n"
        f"Nats-Expected-Last-Subject-Sequence-Subject:{entry.guard}\r\n"
    )
