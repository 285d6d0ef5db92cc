"""Servers as clients that others wrote see them: python-plexapi and jellyfin-apiclient-python."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jellyfin_apiclient_python import JellyfinClient
from plexapi.myplex import MyPlexAccount
from plexapi.server import PlexServer as PlexApiServer

from tests.simulators.jellyfin_state import User
from tests.simulators.redirect import plex_session
from tests.support.providers import Providers

# plexapi has no types.
MY_PLEX_ACCOUNT: Callable[..., Any] = MyPlexAccount
PLEX_SERVER: Callable[..., Any] = PlexApiServer


async def titles_by_plexapi(here: Providers, username: str) -> set[str]:
    """The titles of what the owner shares with a friend, as python-plexapi reads it."""

    def read() -> set[str]:
        account: Any = MY_PLEX_ACCOUNT(token=here.plex_server.owner_token, session=plex_session(here.plextv.url))
        servers = [s for s in account.user(username).servers if s.machineIdentifier == here.machine.identifier]
        return {section.title for server in servers for section in server.sections() if section.shared}

    return await asyncio.to_thread(read)


async def libraries_opened(here: Providers, account: str) -> set[int]:
    """What a guest finds on the server itself with the token of their share."""
    share = here.share_of(account)
    assert share is not None

    def read() -> set[int]:
        server: Any = PLEX_SERVER(here.plex_server.url, share.token, session=plex_session(here.plextv.url))
        return {section.key for section in server.library.sections()}

    return await asyncio.to_thread(read)


async def views_by_apiclient(here: Providers, user: User) -> set[str]:
    """What a user finds, as jellyfin-apiclient-python reads it after logging in."""

    def read() -> set[str]:
        client: Any = JellyfinClient()
        client.config.app("Showrunner's tests", "1.0", "a test", f"device-of-{user.id}")
        client.config.data["auth.ssl"] = False
        client.auth.connect_to_address(here.jellyfin_server.url)
        client.auth.login(here.jellyfin_server.url, user.name, user.password)
        return {view["Id"] for view in client.jellyfin.get_views()["Items"]}

    return await asyncio.to_thread(read)
