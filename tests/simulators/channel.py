"""A service that takes messages as JSON at a secret address, as apprise's `json://` writes them, and keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from aiohttp import web

from tests.simulators.base import Call, Refusal, Route, Simulator


class Taken(NamedTuple):
    """A message that was taken."""

    title: str
    text: str
    tone: str


class ChannelSimulator(Simulator):
    """`messages` holds what was taken, in order. An address is forgotten by `revoke`, as when a webhook is removed."""

    def __init__(self, token: str = "hook-4711-geheim") -> None:
        self.messages: list[Taken] = []
        self._token = token
        super().__init__()

    @property
    def address(self) -> str:
        """Where messages are taken, as apprise writes it. A second is enough for a server this near."""
        return f"{self.url.replace('http', 'json')}/{self._token}?rto=1&cto=1"

    def revoke(self) -> None:
        """Take nothing more at this address."""
        self._token = ""

    def routes(self) -> Iterable[Route]:
        return (("POST", "/{token}", self._take),)

    async def _take(self, call: Call) -> web.StreamResponse:
        if not self._token or call.params["token"] != self._token:
            raise Refusal(404, "there is no such hook")
        match await call.json_object():
            case {"title": str(title), "message": str(text), "type": str(tone)} if text:
                self.messages.append(Taken(title, text, tone))
                return web.Response(status=204)
        raise Refusal(400, "no message")
