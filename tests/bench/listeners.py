"""Many clients of an event stream in one process: `python -m tests.bench.listeners HOST PORT PATH COUNT [COOKIE]`.

Prints `ready`, and for each mark (`mark-<number>` anywhere in the stream) that has reached the last client a line
`<mark> <first> <last>`: when the first and the last had it, by the wall clock in nanoseconds.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from typing import cast

import uvloop

_MARK = re.compile(rb"mark-\d+-")
_AT_ONCE = 100
_TAIL = 40  # bytes: a mark that comes in two pieces is found all the same


class Marks:
    """Who has had which mark."""

    def __init__(self, clients: int) -> None:
        self._clients = clients
        self._had: dict[bytes, int] = {}
        self._first: dict[bytes, int] = {}

    def had(self, mark: bytes) -> None:
        now = time.time_ns()
        count = self._had[mark] = self._had.get(mark, 0) + 1
        first = self._first.setdefault(mark, now)
        if count == self._clients:
            sys.stdout.write(f"{mark.decode()} {first} {now}\n")
            sys.stdout.flush()


class Listener(asyncio.Protocol):
    """One client."""

    def __init__(self, request: bytes, marks: Marks) -> None:
        self._request = request
        self._marks = marks
        self._tail = b""
        self._mark = b""
        self.answered = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.answered.done():
            self.answered.set_result(None)
        data = self._tail + data
        found = _MARK.search(data)
        if found and found[0] != self._mark:
            self._mark = found[0]
            self._marks.had(found[0])
        self._tail = data[-_TAIL:]

    def connection_lost(self, exc: Exception | None) -> None:
        sys.exit(f"a client was cut off: {exc}")


async def main(host: str, port: int, path: str, count: int, cookie: str = "") -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
    marks = Marks(count)
    listeners = [Listener(head.encode(), marks) for _ in range(count)]
    loop = asyncio.get_running_loop()
    for start in range(0, count, _AT_ONCE):
        some = listeners[start : start + _AT_ONCE]
        await asyncio.gather(*(loop.create_connection(lambda one=one: one, host, port) for one in some))  # type: ignore[misc]
        await asyncio.gather(*(one.answered for one in some))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), *sys.argv[5:]))
