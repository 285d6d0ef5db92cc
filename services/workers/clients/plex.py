"""Plex: a media server's libraries, and from plex.tv its owner, friends and shares."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from shared.directory.observation import Observation, SeenLibrary

from . import plex_reading as reading
from .plex_requests import PlexRequests
from .steps import Step

if TYPE_CHECKING:
    from plexapi.myplex import MyPlexAccount
    from plexapi.server import PlexServer


class PlexClient:
    """Observes one media server."""

    def __init__(self, requests: PlexRequests) -> None:
        self._requests = requests

    async def observe(self, step: Step) -> Observation:
        """All that there is to see. `step` is told what is being done. OutsideError: nothing was seen."""
        ask = self._requests
        step(0.05, "reading libraries")
        server = await ask.server()
        libraries = await self._libraries(server, step)
        step(0.8, "reading accounts from plex.tv")
        account = await ask.account()
        users = await ask.users(account)
        step(0.9, "reading shares from plex.tv")
        shares = await ask.shares(account)
        reading.agree(ask.plextv, ask.check.identifier, users, shares)
        return self._observation(server, account, libraries, users, shares)

    def _observation(
        self,
        server: PlexServer,
        account: MyPlexAccount,
        libraries: list[SeenLibrary],
        users: list[Element],
        shares: list[Element],
    ) -> Observation:
        check, plextv = self._requests.check, self._requests.plextv
        owner = reading.owner(str(account.id), account.username or "", account.title or "", account.email or "")
        guests = [guest for guest in reading.guests(plextv, users, shares) if guest.outside_id != owner.outside_id]
        keys = frozenset(library.outside_id for library in libraries)
        access = {reading.share_holder(plextv, share): reading.shared_libraries(share, keys) for share in shares}
        return Observation(
            identifier=check.identifier,
            real_name=server.friendlyName or check.name,
            version=server.version or check.version,
            libraries=tuple(libraries),
            accounts=(owner, *guests),
            access={holder: seen for holder, seen in {**access, owner.outside_id: keys}.items() if seen},
        )

    async def _libraries(self, server: PlexServer, step: Step) -> list[SeenLibrary]:
        directories = await self._requests.libraries(server)
        libraries = []
        for index, directory in enumerate(directories):
            step(0.1 + 0.7 * index / len(directories), f"counting {directory.get('title', 'a library')}")
            item_count = await self._requests.count(server, directory)
            libraries.append(reading.library(self._requests.who, directory, item_count))
        return libraries
