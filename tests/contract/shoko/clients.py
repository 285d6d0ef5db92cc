"""A Shoko simulator of each version with a little in it, and those who ask it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_collection import stock
from tests.simulators.shoko_state import shoko_state

VERSIONS = ("4.2", "5.3", "6.0")
NOW = datetime(2026, 3, 1, 20, 15, tzinfo=UTC)
EVENING = datetime(2026, 2, 27, 21, 30, 5, 250_000, tzinfo=UTC)
MINUTES = timedelta(minutes=12, milliseconds=500)


def shoko(version: str) -> ShokoServer:
    """Twelve files of three series, in groups 1001 to 1003 below group 500; two users beside the administrator."""
    state = shoko_state(version=version, users=("ann", "bob"), now=lambda: NOW)
    stock(state.collection, series=3, files=12, nested=True)
    return ShokoServer(state)


class Client:
    """Asks one server with one key."""

    def __init__(self, http: aiohttp.ClientSession, server: ShokoServer, key: str) -> None:
        self._http, self._server, self._headers = http, server, {"apikey": key} if key else {}

    async def ask(self, path: str, *, method: str = "GET", **options: Any) -> tuple[int, Any]:
        async with self._http.request(
            method, self._server.url + path, headers=self._headers | options.pop("headers", {}), **options
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if "json" in answer.content_type and text else text

    async def put(self, file: int, body: object) -> tuple[int, Any]:
        return await self.ask(f"/api/v3/File/{file}/UserStats", method="PUT", json=body)
