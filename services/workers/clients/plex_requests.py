"""Requests to one Plex server and to its owner's plex.tv, through plexapi, and all through their gates.

plexapi's lists take what arrives for the whole, so the lists are asked for by its `query` and counted here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from xml.etree.ElementTree import Element

from shared.outside.check import Check
from shared.outside.errors import Malformed, Refused, Unauthorized
from shared.outside.identities import PLEX_TV
from shared.runtime.secrets import Secret

from . import plex_reading as reading
from .outside import Gate
from .threads import checking_session, in_thread

if TYPE_CHECKING:
    from plexapi.myplex import MyPlexAccount
    from plexapi.server import PlexServer

USERS = f"{PLEX_TV}/api/users/"
SERVER = PLEX_TV + "/api/servers/{}"
SHARES = SERVER + "/shared_servers"
NO_ITEMS = {"X-Plex-Container-Start": "0", "X-Plex-Container-Size": "0"}
"""Of a library's items, the count alone."""


class PlexRequests:
    """One media server, reached and identified by `check`, and its owner's plex.tv at `plextv_url`."""

    def __init__(
        self, check: Check, token: Secret, *, media: Gate, plextv: Gate, plextv_url: str, threads: Executor
    ) -> None:
        self.check = check
        self._token = token
        self._media = media
        self._plextv = plextv
        self._threads = threads
        self._media_session = checking_session(media.who)
        self._plextv_session = checking_session(plextv.who, moved=(PLEX_TV, plextv_url.rstrip("/")))

    @property
    def who(self) -> str:
        """The server's name, for messages."""
        return self._media.who

    @property
    def plextv(self) -> str:
        """plex.tv's name, for messages."""
        return self._plextv.who

    async def server(self) -> PlexServer:
        """The media server. OutsideError, as from all that follow."""
        server: PlexServer = await self._ask(self._media, self._open_server)
        return server

    async def account(self) -> MyPlexAccount:
        """The plex.tv account of the owner."""
        account: MyPlexAccount = await self._ask(self._plextv, self._open_account)
        return account

    async def libraries(self, server: PlexServer) -> list[Element]:
        """The libraries, as the media server lists them."""
        return reading.listed(
            self.who, await self._ask(self._media, partial(server.query, "/library/sections")), "Directory"
        )

    async def count(self, server: PlexServer, library: Element) -> int:
        """How many items a library holds."""
        path = f"/library/sections/{reading.text_of(self.who, library, 'key')}/all"
        items = await self._ask(self._media, partial(server.query, path, headers=NO_ITEMS))
        return reading.number(self.who, items, "totalSize")

    async def streams(self, server: PlexServer) -> int:
        """How many things are being played, paused ones included."""
        return reading.number(self.who, await self._ask(self._media, partial(server.query, "/status/sessions")), "size")

    async def users(self, account: MyPlexAccount) -> list[Element]:
        """The owner's friends and home."""
        return reading.listed(self.plextv, await self._ask(self._plextv, partial(account.query, USERS)), "User")

    async def shares(self, account: MyPlexAccount) -> list[Element]:
        """The shares of the server, pending ones too. Unauthorized: the server is somebody else's."""
        try:
            container = await self._ask(self._plextv, partial(account.query, self._of_server(SHARES)))
        except Refused as refusal:
            if refusal.status != 404:
                raise
            raise Unauthorized(
                f"plex.tv says that {self.who} is not owned by the account of its token: enter its owner's"
            ) from None
        return reading.listed(self.plextv, container, "SharedServer")

    async def sections(self, account: MyPlexAccount) -> Mapping[str, int]:
        """plex.tv's own numbers of the libraries, by the server's keys."""
        container = await self._ask(self._plextv, partial(account.query, self._of_server(SERVER)))
        return reading.sections(self.plextv, self.check.identifier, container)

    async def change(
        self,
        account: MyPlexAccount,
        method: Literal["post", "put", "delete"],
        share: str,
        content: Mapping[str, Any] | None,
        landed: Callable[[], Awaitable[bool]],
    ) -> Element | None:
        """Make, change or end a share; gives it as it is then, if plex.tv says so.

        `share` is its number, "" for a new one. `landed`: whether it took effect, should the answer be lost.
        """
        url = self._of_server(SHARES) + (f"/{share}" if share else "")
        content = {"server_id": self.check.identifier, **content} if content else None
        send = partial(account.query, url, method=getattr(self._plextv_session, method), json=content)
        answer = await self._plextv.write(partial(in_thread, self._threads, self.plextv, send), landed)
        return answer.find("SharedServer") if isinstance(answer, Element) else None

    def _of_server(self, url: str) -> str:
        return url.format(self.check.identifier)

    def _open_server(self) -> PlexServer:
        from plexapi.server import PlexServer

        connect: Callable[..., PlexServer] = PlexServer
        server = connect(
            self.check.url, self._token.reveal(), session=self._media_session, timeout=self._media.manners.patience
        )
        if server.machineIdentifier != self.check.identifier:
            raise Malformed(f"{self.who} does not say who it is")
        return server

    def _open_account(self) -> MyPlexAccount:
        from plexapi.myplex import MyPlexAccount

        sign_in: Callable[..., MyPlexAccount] = MyPlexAccount
        account = sign_in(
            token=self._token.reveal(), session=self._plextv_session, timeout=self._plextv.manners.patience
        )
        if not account.id:
            raise Malformed("plex.tv does not say whose the token is")
        return account

    async def _ask(self, gate: Gate, call: Callable[[], Any]) -> Any:
        return await gate.read(partial(in_thread, self._threads, gate.who, call))
