"""All clients of one worker, with what they share: a session, threads, and one gate a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import aiohttp

from shared.directory.comparison import Known
from shared.directory.observation import Observation
from shared.directory.records import Server
from shared.outside.check import Check, check_addresses
from shared.outside.http import new_session
from shared.outside.identities import PLEX_TV
from shared.runtime.metrics import Meter
from shared.runtime.secrets import Secret

from ..access.provider import Provider
from . import rules
from .calls import Calls
from .jellyfin import JellyfinClient
from .jellyfin_policy import open_jellyfin
from .jellyfin_requests import JellyfinRequests
from .outside import Gate
from .rules import Manners
from .shoko import ShokoClient
from .steps import Step

if TYPE_CHECKING:
    from .plex_requests import PlexRequests

Purpose = Literal["reads", "writes"]
ShokoManners = Mapping[Purpose, Manners]

FOR_SHOKO: ShokoManners = {"reads": rules.FOR_SHOKO, "writes": rules.FOR_SHOKO_WRITES}


def manners_for_shoko(*, reads: float, writes: float) -> ShokoManners:
    """How to treat Shoko Servers that are to be asked so many times a second at most."""
    return {"reads": Manners(gap=1 / reads), "writes": Manners(gap=1 / writes)}


THREADS = 8
QUESTIONS_A_LOOK = 2


class Clients:
    """Looks at servers, observes them, changes access on them, and gives the way to them. Made by `open_clients`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        threads: Executor,
        *,
        plextv_url: str = PLEX_TV,
        media_manners: Manners = rules.FOR_MEDIA_SERVERS,
        plextv_manners: Manners = rules.FOR_PLEX_TV,
        shoko_manners: ShokoManners = FOR_SHOKO,
        meter: Meter,
    ) -> None:
        self._session = session
        self._threads = threads
        self._plextv_url = plextv_url
        self._manners = media_manners
        self._meter = meter
        self._plextv = Gate("plex.tv", plextv_manners, calls=Calls(meter, "plex.tv", "plex.tv"))
        self._shoko_manners = shoko_manners
        self._gates: dict[tuple[UUID, str, Purpose], Gate] = {}

    async def check(self, server: Server, token: Secret) -> Check:
        """Look at a server now, by each of its addresses until one answers. OutsideError: what is wrong with it."""
        return await check_addresses(
            self._session,
            server.kind,
            server.addresses,
            token,
            who=server.name,
            identifier=server.identifier,
            timeout_s=self._manners.patience,
        )

    async def observe(self, server: Server, token: Secret, known: Known, step: Step) -> Observation:
        """All that there is to see of a server. `known`: what to look for twice. OutsideError: nothing was seen."""
        step(0.0, "looking where it can be reached")
        check = await self._checked(server, token)
        if server.kind == "jellyfin":
            return await JellyfinClient(self._jellyfin(server, check, token)).observe(known.accounts.keys(), step)
        from .plex import PlexClient

        return await PlexClient(self._plex(server, check, token)).observe(step)

    async def provider(self, server: Server, token: Secret) -> Provider:
        """The way to look at accounts of a server and to change them. OutsideError: it can't be reached, or is not
        what it should be."""
        check = await self._checked(server, token)
        if server.kind == "jellyfin":
            return await open_jellyfin(self._jellyfin(server, check, token))
        from .plex_sharing import open_plex

        return await open_plex(self._plex(server, check, token))

    async def jellyfin(self, server: Server, token: Secret) -> JellyfinRequests:
        """The way to ask a Jellyfin server anything. OutsideError: see `provider`."""
        return self._jellyfin(server, await self._checked(server, token), token)

    async def plex(self, server: Server, token: Secret) -> PlexRequests:
        """The way to ask a Plex server anything. OutsideError: see `provider`."""
        return self._plex(server, await self._checked(server, token), token)

    async def shoko(self, server: Server, token: Secret) -> ShokoClient:
        """The way to a Shoko Server; `token` is an administrator's key. OutsideError: see `provider`."""
        check = await self._checked(server, token)
        return ShokoClient(self._session, check, token, gate=self._gate(server), writing=self._gate(server, "writes"))

    async def _checked(self, server: Server, token: Secret) -> Check:
        answers = QUESTIONS_A_LOOK * max(1, len(server.addresses))
        return await self._gate(server).read(partial(self.check, server, token), answers=answers)

    def _jellyfin(self, server: Server, check: Check, token: Secret) -> JellyfinRequests:
        return JellyfinRequests(self._session, check, token, gate=self._gate(server))

    def _plex(self, server: Server, check: Check, token: Secret) -> PlexRequests:
        # plexapi takes a while to import, and only Plex needs it.
        from .plex_requests import PlexRequests

        return PlexRequests(
            check,
            token,
            media=self._gate(server),
            plextv=self._plextv,
            plextv_url=self._plextv_url,
            threads=self._threads,
        )

    def _gate(self, server: Server, purpose: Purpose = "reads") -> Gate:
        key = server.id, server.name, purpose
        gate = self._gates.get(key)
        if gate is None:
            manners = self._shoko_manners[purpose] if server.kind == "shoko" else self._manners
            kind = server.kind if purpose == "reads" else f"{server.kind} {purpose}"
            calls = Calls(self._meter, kind, server.name)
            gate = self._gates[key] = Gate(server.name, manners, calls=calls)
        return gate


@asynccontextmanager
async def open_clients(
    *,
    plextv_url: str = PLEX_TV,
    media_manners: Manners = rules.FOR_MEDIA_SERVERS,
    plextv_manners: Manners = rules.FOR_PLEX_TV,
    shoko_manners: ShokoManners = FOR_SHOKO,
    meter: Meter | None = None,
) -> AsyncIterator[Clients]:
    """The clients of one worker; `plextv_url` is where plex.tv is, `meter` where their requests are counted."""
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="plex")
    try:
        async with new_session() as session:
            yield Clients(
                session,
                threads,
                plextv_url=plextv_url,
                media_manners=media_manners,
                plextv_manners=plextv_manners,
                shoko_manners=shoko_manners,
                meter=meter or Meter(),
            )
    finally:
        # A request under way ends by its own time-out: waiting for it here would hold up the worker's stop.
        threads.shutdown(wait=False, cancel_futures=True)
