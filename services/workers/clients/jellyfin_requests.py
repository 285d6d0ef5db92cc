"""Requests to one Jellyfin server, all through its gate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp

from shared.outside.check import Check
from shared.outside.http import fetch, send
from shared.outside.identities import headers
from shared.runtime.secrets import Secret

from . import jellyfin_reading as reading
from .jellyfin_reading import Folder, Page
from .outside import Gate


class JellyfinRequests:
    """One server, reached and identified by `check`."""

    def __init__(self, session: aiohttp.ClientSession, check: Check, token: Secret, *, gate: Gate) -> None:
        self.check = check
        self._session = session
        self._headers = headers("jellyfin", token)
        self._gate = gate

    @property
    def who(self) -> str:
        """The server's name, for messages."""
        return self._gate.who

    async def get(self, path: str, query: dict[str, str] | None = None) -> Any:
        """What the server says at `path`. OutsideError."""
        return await self._gate.read(
            partial(
                fetch,
                self._session,
                self.who,
                self.check.url + path,
                headers=self._headers,
                params=query,
                timeout_s=self._gate.manners.patience,
            )
        )

    async def post(self, path: str, content: Any, landed: Callable[[], Awaitable[bool]]) -> None:
        """Change something. `landed` tells whether it took effect, should the answer be lost. OutsideError."""
        ask = partial(
            send,
            self._session,
            self.who,
            self.check.url + path,
            content,
            headers=self._headers,
            timeout_s=self._gate.manners.patience,
        )
        await self._gate.write(ask, landed)

    async def folders(self) -> list[Folder]:
        """The libraries that have an id. Malformed: two lists of them contradict each other."""
        folders = reading.read(self.who, await self.get("/Library/VirtualFolders"), list[Folder])
        page = reading.read(self.who, await self.get("/Library/MediaFolders"), Page)
        reading.check_folders(self.who, folders, page)
        return [folder for folder in folders if folder.item_id]
