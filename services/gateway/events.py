"""The frames of Server-Sent Events (WHATWG HTML, 9.2), each inside one chunk of HTTP/1.1 (RFC 9112, 7.1)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from .board import Board
from .board.rendering import render_run

_encode = msgspec.json.Encoder().encode


def chunk(body: bytes) -> bytes:
    """The body as one chunk, ready for the transport."""
    return b"%x\r\n%b\r\n" % (len(body), body)


KEEP_ALIVE = chunk(b": still here\n\n")


def event(name: str, data: bytes, id: str = "") -> bytes:
    """One event. JSON from msgspec has no line break, so `data` is one line."""
    head = f"event: {name}\n" + (f"id: {id}\n" if id else "")
    return head.encode() + b"data: " + data + b"\n\n"


def events_in(frame: bytes) -> int:
    """How many events a frame holds: each has one line of data, and data has no line break."""
    return frame.count(b"\ndata: ")


def snapshot(board: Board, now: datetime) -> bytes:
    """The whole board as one event."""
    jobs = b",".join(board.view(entry, now) for entry in board.changed_since(0) if entry.spec is not None)
    data = b'{"scheduler":%b,"jobs":[%b]}' % (_encode(board.scheduler()), jobs)
    return event("snapshot", data, position(board))


def changes(board: Board, since: int, now: datetime) -> bytes:
    """What changed after the sequence `since`, the oldest change first; empty when nothing did.

    Only the last event carries an id: a client that is cut off before it asks for all of them again.
    """
    found = [("scheduler", _encode(board.scheduler()))] if board.scheduler_changed_since(since) else []
    for entry in reversed(list(board.changed_since(since))):
        if entry.spec is None:
            found.append(("removed", _encode({"name": entry.name})))
            continue
        if entry.newest is not None and entry.newest_sequence > since:
            found.append(("run", _encode(render_run(entry.newest))))
        found.append(("job", board.view(entry, now)))
    if not found:
        return b""
    name, data = found.pop()
    return b"".join(event(*each) for each in found) + event(name, data, position(board))


def position(board: Board) -> str:
    """The id of an event after which a client knows all that the board knows now."""
    return f"{board.id}-{board.sequence}"


def sequence_of(position: str, board: Board) -> int | None:
    """The sequence in a position, if this board gave it."""
    board_id, _, sequence = position.rpartition("-")
    if board_id != board.id or not sequence.isdecimal():
        return None
    return int(sequence) if int(sequence) <= board.sequence else None
