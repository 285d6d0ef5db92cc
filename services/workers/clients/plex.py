"""Plex, through plexapi: a media server's libraries, and from plex.tv its owner, friends and shares.

plexapi's lists take what arrives for the whole, so the lists are asked for by its `query` and counted here.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from shared.directory.observation import Observation, SeenLibrary
from shared.outside.check import Check
from shared.outside.errors import Malformed, Refused, Unauthorized
from shared.outside.identities import PLEX_TV
from shared.runtime.secrets import Secret

from . import plex_reading as reading
from .outside import Gate
from .steps import Step
from .threads import checking_session, in_thread

if TYPE_CHECKING:
    from plexapi.myplex import MyPlexAccount
    from plexapi.server import PlexServer

USERS = f"{PLEX_TV}/api/users/"
SHARES = PLEX_TV + "/api/servers/{}/shared_servers"
NO_ITEMS = {"X-Plex-Container-Start": "0", "X-Plex-Container-Size": "0"}
"""Of a library's items, the count alone."""


class PlexClient:
    """One media server, reached and identified by `check`, and its owner's plex.tv at `plextv_url`."""

    def __init__(
        self, check: Check, token: Secret, *, media: Gate, plextv: Gate, plextv_url: str, threads: Executor
    ) -> None:
        self._check = check
        self._token = token
        self._media = media
        self._plextv = plextv
        self._threads = threads
        self._media_session = checking_session(media.who)
        self._plextv_session = checking_session(plextv.who, moved=(PLEX_TV, plextv_url.rstrip("/")))

    async def observe(self, step: Step) -> Observation:
        """All that there is to see. `step` is told what is being done. OutsideError: nothing was seen."""
        step(0.05, "reading libraries")
        server = await self._ask(self._media, self._open_server)
        libraries = await self._libraries(server, step)
        step(0.8, "reading accounts from plex.tv")
        account = await self._ask(self._plextv, self._open_account)
        users = await self._users(account)
        step(0.9, "reading shares from plex.tv")
        shares = await self._shares(account)
        reading.agree(self._plextv.who, self._check.identifier, users, shares)
        return self._observation(server, account, libraries, users, shares)

    def _observation(
        self,
        server: PlexServer,
        account: MyPlexAccount,
        libraries: list[SeenLibrary],
        users: list[Element],
        shares: list[Element],
    ) -> Observation:
        owner = reading.owner(str(account.id), account.username or "", account.title or "", account.email or "")
        guests = [guest for guest in reading.guests("plex.tv", users, shares) if guest.outside_id != owner.outside_id]
        keys = frozenset(library.outside_id for library in libraries)
        access = {reading.share_holder("plex.tv", share): reading.shared_libraries(share, keys) for share in shares}
        return Observation(
            identifier=self._check.identifier,
            real_name=server.friendlyName or self._check.name,
            version=server.version or self._check.version,
            libraries=tuple(libraries),
            accounts=(owner, *guests),
            access={holder: seen for holder, seen in {**access, owner.outside_id: keys}.items() if seen},
        )

    async def _libraries(self, server: PlexServer, step: Step) -> list[SeenLibrary]:
        who = self._media.who
        container = await self._ask(self._media, partial(server.query, "/library/sections"))
        directories = reading.listed(who, container, "Directory")
        libraries = []
        for index, directory in enumerate(directories):
            step(0.1 + 0.7 * index / len(directories), f"counting {directory.get('title', 'a library')}")
            path = f"/library/sections/{reading.text_of(who, directory, 'key')}/all"
            items = await self._ask(self._media, partial(server.query, path, headers=NO_ITEMS))
            libraries.append(reading.library(who, directory, reading.number(who, items, "totalSize")))
        return libraries

    async def _users(self, account: MyPlexAccount) -> list[Element]:
        container = await self._ask(self._plextv, partial(account.query, USERS))
        return reading.listed(self._plextv.who, container, "User")

    async def _shares(self, account: MyPlexAccount) -> list[Element]:
        try:
            container = await self._ask(self._plextv, partial(account.query, SHARES.format(self._check.identifier)))
        except Refused as refusal:
            if refusal.status != 404:
                raise
            raise Unauthorized(
                f"plex.tv says that {self._media.who} is not owned by the account of its token: enter its owner's"
            ) from None
        return reading.listed(self._plextv.who, container, "SharedServer")

    def _open_server(self) -> PlexServer:
        from plexapi.server import PlexServer

        connect: Callable[..., PlexServer] = PlexServer
        server = connect(
            self._check.url, self._token.reveal(), session=self._media_session, timeout=self._media.manners.patience
        )
        if server.machineIdentifier != self._check.identifier:
            raise Malformed(f"{self._media.who} does not say who it is")
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
