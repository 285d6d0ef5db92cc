"""A reader of Server-Sent Events (WHATWG HTML, 9.2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.gateways import Person


@dataclass(frozen=True)
class Event:
    name: str
    data: Any
    id: str = ""


class EventStream:
    """Events as they come; comments are passed over."""

    def __init__(self, lines: AsyncIterable[bytes]) -> None:
        self._lines = aiter(lines)
        self.last_id = ""

    async def next(self, timeout: float = 10) -> Event | None:
        """The next event, or None when the stream has ended."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(timeout):
            async for raw in self._lines:
                line = raw.decode().rstrip("\n")
                if not line and "data" in fields:
                    self.last_id = fields.get("id", self.last_id)
                    return Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
        return None

    async def until(self, event_name: str, /, timeout: float = 10, **wanted: Any) -> Event:
        """The next event of this name whose data has these values."""
        async with asyncio.timeout(timeout):
            while (event := await self.next(timeout)) is not None:
                if event.name == event_name and all(event.data.get(key) == value for key, value in wanted.items()):
                    return event
        raise AssertionError(f"the stream ended without {event_name} {wanted}")


@asynccontextmanager
async def events(person: Person, path: str, last_id: str = "") -> AsyncIterator[EventStream]:
    """Open an event stream."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with person.http.get(path, headers=headers, timeout=None, read_bufsize=2**22) as response:
        assert response.status == 200
        yield EventStream(response.content)
