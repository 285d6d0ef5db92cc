"""A household's simulated servers, and the providers by which access on them is looked at and changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from services.workers.access.presence import Present, Wish
from services.workers.access.provider import Provider
from services.workers.clients.clients import Clients, open_clients
from services.workers.clients.rules import Manners
from shared.directory.comparison import Known
from shared.directory.observation import Observation
from shared.directory.records import Server, ServerKind
from shared.runtime.secrets import Secret
from tests.simulators.household import make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_state import User
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.simulators.plex import PlexServer
from tests.simulators.plex_state import Machine, PlexState, Share
from tests.simulators.plextv import PlexTv

T = TypeVar("T")
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOTHING = Known(libraries={}, accounts={}, removed_libraries={}, removed_accounts={}, access={})
HASTE = Manners(gap=0.0, patience=5.0, tries=2, first_pause=0.001, failures_to_cool=1000)
"""Against simulators nothing is gained by waiting."""


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The servers outside, and the clients that lead to them."""

    outside: Neighbourhood
    clients: Clients

    @property
    def plextv(self) -> PlexTv:
        return self.outside.plextv

    @property
    def state(self) -> PlexState:
        return self.outside.plex_state

    @property
    def plex_server(self) -> PlexServer:
        return self.outside.plex[0]

    @property
    def machine(self) -> Machine:
        return self.plex_server.machine

    @property
    def jellyfin_server(self) -> JellyfinServer:
        return self.outside.jellyfin[0]

    async def plex(self) -> Provider:
        """The provider of the first Plex server."""
        return await self.clients.provider(self._server("plex"), Secret(self.plex_server.owner_token))

    async def jellyfin(self) -> Provider:
        """The provider of the Jellyfin server."""
        return await self.clients.provider(self._server("jellyfin"), Secret(self.jellyfin_server.state.api_key))

    async def observe(self, kind: ServerKind) -> Observation:
        """All that there is to see of the first server of a kind, as a sync sees it."""
        token = self.plex_server.owner_token if kind == "plex" else self.jellyfin_server.state.api_key
        return await self.clients.observe(self._server(kind), Secret(token), NOTHING, lambda share, note: None)

    def _server(self, kind: ServerKind) -> Server:
        found: PlexServer | JellyfinServer = self.plex_server if kind == "plex" else self.jellyfin_server
        identity = self.machine.server if kind == "plex" else self.jellyfin_server.state.server
        return _server(kind, identity.name, found.url, identity.identifier)

    def guest(self, *, all_libraries: bool = False) -> Share:
        """A friend's accepted share of the first Plex server: of all libraries, or of more than one but not of all."""
        friends = self._known("friend")
        return first(
            share
            for share in self.state.shares_of([self.machine])
            if share.person in friends
            and (
                share.libraries is None
                if all_libraries
                else 1 < len(share.libraries or ()) < len(self.machine.libraries)
            )
        )

    def bare_friend(self) -> int:
        """A friend of the first Plex server's owner with whom it is not shared."""
        return first(
            person for person in self._known("friend") if self.state.share_with(self.machine.identifier, person) is None
        )

    def home_member(self, standing: str) -> int:
        """A member of the owner's home: `home`, or `managed`, without a log-in of their own."""
        return first(iter(self._known(standing)))

    def _known(self, standing: str) -> list[int]:
        owner = self.machine.server.owner
        return [p for (whose, p), f in self.state.friendships.items() if (whose, f.standing) == (owner, standing)]

    def share_of(self, account: str) -> Share | None:
        """What plex.tv holds of an account's share."""
        return self.state.share_with(self.machine.identifier, int(account))

    def user(self, *, all_libraries: bool = False) -> User:
        """A Jellyfin user who is no administrator: with all libraries, or with more than one but not with all."""
        return first(
            user
            for user in self.jellyfin_server.state.users.values()
            if not user.is_administrator
            and not user.is_disabled
            and user.policy["EnableAllFolders"] is all_libraries
            and (all_libraries or len(_folders(user)) > 1)
        )


@asynccontextmanager
async def providers(*, manners: Manners = HASTE, jellyfin_version: str | None = None) -> AsyncIterator[Providers]:
    """A household's servers, and clients for them."""
    async with (
        running(make_household(), jellyfin_version=jellyfin_version) as outside,
        open_clients(plextv_url=outside.plextv.url, media_manners=manners, plextv_manners=manners) as clients,
    ):
        yield Providers(outside=outside, clients=clients)


def first(found: Iterator[T]) -> T:
    """The first that was found. LookupError: nothing was, so the household is not what the test takes it for."""
    for one in found:
        return one
    raise LookupError("the household has nobody like that")


async def look(provider: Provider, account: str) -> Present:
    """How one account is now."""
    return (await provider.look([account]))[account]


async def bring(provider: Provider, account: str, wish: Wish) -> Present:
    """Look, and make it as is wished."""
    return await provider.apply(account, await look(provider, account), wish)


def _folders(user: User) -> list[str]:
    folders = user.policy["EnabledFolders"]
    return folders if isinstance(folders, list) else []


def _server(kind: ServerKind, name: str, url: str, identifier: str) -> Server:
    return Server(
        id=uuid4(),
        kind=kind,
        name=name,
        url=url,
        local_url="",
        public_url="",
        identifier=identifier,
        real_name=name,
        version="",
        state="up",
        state_since=AT,
        last_seen_at=AT,
        last_error="",
        latency_ms=None,
        enabled=True,
        created_at=AT,
    )
