"""Server-Sent Events to many clients: encoded once a flush, the same bytes written to each client's transport.

There is no queue a client. One whose write buffer is not empty is passed over and marked as behind; when it has
drained, it gets the newest state of each job that changed since it was last in step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from time import monotonic
from typing import NoReturn

from .board import Board
from .events import KEEP_ALIVE, changes, chunk, events_in, sequence_of, snapshot

KEEP_ALIVE_S = 15.0
LOOK_AT_BEHIND_S = 0.05
STUCK_S = 60.0
# A flush that spent e on encoding and w on writing owes a rest of this much of both: many changes are put together
# rather than encoded again and again, many clients may take most of the time. Rests are taken once they add up to more
# than the leeway, so that a change now and then is told at once, however soon it follows another.
PACE_ENCODING = 9.0
PACE_WRITING = 0.25
LEEWAY_S = 0.025
STRIDE = 250  # clients written to before others on this loop have their turn


class Client:
    """One open event stream, opened by whoever has the key `owner` (`Caller.key`).

    `gone` is done when nothing can be written to it any more.
    """

    __slots__ = ("behind_from", "gone", "owner", "sequence", "transport")

    def __init__(self, transport: asyncio.Transport, owner: bytes, gone: asyncio.Future[None]) -> None:
        self.transport = transport
        self.owner = owner
        self.gone = gone
        self.sequence = 0
        self.behind_from = 0.0

    def end(self) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


class Hub:
    """All event streams of this process."""

    def __init__(self, board: Board, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._flushed = board.sequence
        self._in_step: set[Client] = set()
        self._behind: set[Client] = set()
        self._snapshot: tuple[int, bytes] = (-1, b"")
        self._closed = False
        self.deliveries = 0
        self.fell_behind = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._in_step) + len(self._behind)

    @property
    def behind(self) -> int:
        """How many streams have a client that is slow."""
        return len(self._behind)

    def wake(self) -> None:
        """The board may have changed."""
        if self._board.sequence != self._flushed:
            self._changed.set()

    def join(self, transport: asyncio.Transport, owner: bytes, position: str) -> Client:
        """Serve this transport from now on: what it missed since `position`, or all there is."""
        client = Client(transport, owner, self._loop.create_future())
        if self._closed:
            client.end()
            return client
        since = sequence_of(position, self._board)
        missed = self._snapshot_frame() if since is None else self._frame(since)
        self._in_step.add(client)
        transport.write(missed or KEEP_ALIVE)
        return client

    def leave(self, client: Client) -> None:
        """Forget this client."""
        self._in_step.discard(client)
        self._behind.discard(client)
        client.end()

    def end_streams_of(self, owner: bytes) -> None:
        """End the streams that were opened with this key: it opens nothing any more."""
        for client in [*self._in_step, *self._behind]:
            if client.owner == owner:
                self.leave(client)

    def close(self) -> None:
        """End all streams, and those that would still come."""
        self._closed = True
        for client in [*self._in_step, *self._behind]:
            self.leave(client)

    async def run(self) -> NoReturn:
        """Deliver what changes, for ever: at once when idle, and at the pace of the constants under load."""
        rested_at = 0.0
        keep_alive_at = monotonic() + KEEP_ALIVE_S
        while True:
            await self._wait_for_change(keep_alive_at)
            started = monotonic()
            encoding = await self._flush()
            self._catch_up()
            if started >= keep_alive_at:
                await self._write_all(KEEP_ALIVE, self._in_step)
                self._drop_stuck(started)
                keep_alive_at = started + KEEP_ALIVE_S
            writing = monotonic() - started - encoding
            rested_at = max(rested_at, started) + PACE_ENCODING * encoding + PACE_WRITING * writing
            await asyncio.sleep(max(0.0, rested_at - monotonic() - LEEWAY_S))

    async def _wait_for_change(self, until: float) -> None:
        if self._behind:
            until = min(until, monotonic() + LOOK_AT_BEHIND_S)
        try:
            async with asyncio.timeout(until - monotonic()):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _flush(self) -> float:
        """Write what has changed to all who are in step; the seconds that encoding it took."""
        self._changed.clear()
        since, self._flushed = self._flushed, self._board.sequence
        self._snapshot = (-1, b"")
        if not self._in_step or since == self._flushed:
            return 0.0
        self._mark_behind(since)
        began = monotonic()
        frame = self._frame(since)
        encoding = monotonic() - began
        await self._write_all(frame, self._in_step)
        return encoding

    def _mark_behind(self, since: int) -> None:
        now = monotonic()
        for client in [client for client in self._in_step if client.transport.get_write_buffer_size()]:
            client.sequence = since
            client.behind_from = now
            self._in_step.discard(client)
            self._behind.add(client)
            self.fell_behind += 1

    def _catch_up(self) -> None:
        frames: dict[int, bytes] = {}
        for client in list(self._behind):
            if client.transport.is_closing():
                self.leave(client)
            elif not client.transport.get_write_buffer_size():
                if client.sequence not in frames:
                    frames[client.sequence] = self._frame(client.sequence)
                self._behind.discard(client)
                self._in_step.add(client)
                client.transport.write(frames[client.sequence])
                self.deliveries += events_in(frames[client.sequence])

    async def _write_all(self, frame: bytes, clients: Iterable[Client]) -> None:
        told = events_in(frame)
        for number, client in enumerate(list(clients), 1):
            if client.transport.is_closing():
                self.leave(client)
            elif not client.gone.done():
                client.transport.write(frame)
                self.deliveries += told
            if number % STRIDE == 0:
                await asyncio.sleep(0)

    def _drop_stuck(self, now: float) -> None:
        for client in [client for client in self._behind if now - client.behind_from > STUCK_S]:
            client.transport.abort()
            self.leave(client)
            self.dropped += 1

    def _frame(self, since: int) -> bytes:
        body = changes(self._board, since, self._clock())
        return chunk(body) if body else b""

    def _snapshot_frame(self) -> bytes:
        sequence, frame = self._snapshot
        if sequence != self._board.sequence:
            frame = chunk(snapshot(self._board, self._clock()))
            self._snapshot = (self._board.sequence, frame)
        return frame
