"""python-plexapi, a client that was written for the real Plex, on the simulators."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from plexapi.myplex import MyPlexAccount
from plexapi.server import PlexServer as PlexApiServer

from tests.simulators.neighbourhood import Neighbourhood
from tests.simulators.plex import PlexServer
from tests.simulators.redirect import plex_session

T = TypeVar("T")


async def blocking(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """plexapi blocks; the simulators need the loop meanwhile."""
    return await asyncio.to_thread(call, *args, **kwargs)


async def account(place: Neighbourhood, plex: PlexServer | None = None) -> Any:
    token = (plex or place.plex[0]).owner_token
    return await blocking(MyPlexAccount, token=token, session=plex_session(place.plextv.url))


async def server(place: Neighbourhood, plex: PlexServer, token: str | None = None) -> Any:
    session = plex_session(place.plextv.url)
    return await blocking(PlexApiServer, plex.url, token or plex.owner_token, session=session)


async def libraries_of(found: Any) -> Any:
    """The sections of a PlexServer, whose `library` is itself a request."""
    return await blocking(lambda server: server.library.sections(), found)
