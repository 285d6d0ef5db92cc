"""Requests to one Jellyfin server, all through its gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp

from shared.outside.check import Check
from shared.outside.http import NOTHING, Method, fetch, send, unreached
from shared.outside.identities import headers
from shared.outside.statuses import complaint
from shared.runtime.secrets import Secret

from . import jellyfin_reading as reading
from .jellyfin_reading import Folder, Page
from .outside import Gate

_SOCKET_HEARTBEAT_S = 20.0


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

    async def get(self, path: str, query: dict[str, str] | None = None, kind: Any = Any) -> Any:
        """What the server says at `path`, as a `kind` if one is given. OutsideError."""
        return await self._gate.read(
            partial(
                fetch,
                self._session,
                self.who,
                self.check.url + path,
                headers=self._headers,
                params=query,
                timeout_s=self._gate.manners.patience,
                kind=kind,
            )
        )

    async def post(
        self,
        path: str,
        content: Any,
        landed: Callable[[], Awaitable[bool]],
        *,
        query: dict[str, str] | None = None,
    ) -> Any:
        """Change something; what the server answers, None if that is but a yes, or was lost. OutsideError.

        `landed` tells whether it took effect, should the answer be lost. `content`: `NOTHING` is no body at all.
        """
        return await self._write("POST", path, content, query, landed)

    async def delete(
        self, path: str, landed: Callable[[], Awaitable[bool]], *, query: dict[str, str] | None = None
    ) -> None:
        """Take something away; `landed` as for `post`. OutsideError."""
        await self._write("DELETE", path, NOTHING, query, landed)

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The server's web socket. OutsideError: it can't be opened, or is lost."""
        socket = await self._gate.read(self._open_socket)
        async with socket:
            yield socket

    async def _open_socket(self) -> aiohttp.ClientWebSocketResponse:
        try:
            return await self._session.ws_connect(
                self.check.url + "/socket", headers=self._headers, heartbeat=_SOCKET_HEARTBEAT_S
            )
        except aiohttp.WSServerHandshakeError as error:
            raise complaint(self.who, error.status, error.headers or {}) or unreached(self.who, error) from None
        except (aiohttp.ClientError, OSError) as error:
            raise unreached(self.who, error) from None

    async def _write(
        self,
        method: Method,
        path: str,
        content: Any,
        query: dict[str, str] | None,
        landed: Callable[[], Awaitable[bool]],
    ) -> Any:
        ask = partial(
            send,
            self._session,
            self.who,
            self.check.url + path,
            content,
            method=method,
            params=query,
            headers=self._headers,
            timeout_s=self._gate.manners.patience,
        )
        return await self._gate.write(ask, landed)

    async def folders(self) -> list[Folder]:
        """The libraries that have an id. Malformed: two lists of them contradict each other."""
        folders = reading.read(self.who, await self.get("/Library/VirtualFolders"), list[Folder])
        page = reading.read(self.who, await self.get("/Library/MediaFolders"), Page)
        reading.check_folders(self.who, folders, page)
        return [folder for folder in folders if folder.item_id]
