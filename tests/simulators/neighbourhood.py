"""A whole household's servers at once: its plex.tv, its Plex media servers, its Jellyfin servers, and its Shoko."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.simulators.anime import collect
from tests.simulators.household import Household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_state import jellyfin_state
from tests.simulators.plex import PlexServer
from tests.simulators.plex_state import PlexState
from tests.simulators.plextv import PlexTv
from tests.simulators.shoko import ShokoServer


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """The servers of a household, all of them running."""

    household: Household
    plextv: PlexTv
    plex: list[PlexServer]
    jellyfin: list[JellyfinServer]
    shoko: ShokoServer | None = None

    @property
    def plex_state(self) -> PlexState:
        """What plex.tv and the Plex servers share."""
        return self.plextv.state


@asynccontextmanager
async def running(
    household: Household,
    *,
    host: str = "127.0.0.1",
    port_base: int = 0,
    jellyfin_version: str | None = None,
    anime: bool = False,
) -> AsyncIterator[Neighbourhood]:
    """Run all servers of a household: plex.tv on `port_base`, the others on the ports that follow; 0 takes free ones.

    `host` is where they listen, and what they are called by those who ask.

    `anime`: there is a Shoko Server too, and its library on the first Jellyfin server. OSError: a port is taken.
    """
    state = PlexState(household)
    plextv = PlexTv(state)
    plex = [PlexServer(state, server.identifier) for server in household.servers_of("plex")]
    jellyfin = [
        JellyfinServer(jellyfin_state(household, server.identifier), version=jellyfin_version)
        for server in household.servers_of("jellyfin")
    ]
    shoko = ShokoServer(collect(jellyfin[0].state)) if anime else None
    async with AsyncExitStack() as stack:
        for offset, server in enumerate([plextv, *plex, *jellyfin, *([shoko] if shoko else [])]):
            await server.start(host=host, port=port_base and port_base + offset)
            stack.push_async_callback(server.stop)
        yield Neighbourhood(household=household, plextv=plextv, plex=plex, jellyfin=jellyfin, shoko=shoko)
