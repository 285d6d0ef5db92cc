"""Media servers as somebody sees them who sits before them: what people have in truth, and changing it by hand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from random import Random
from typing import NamedTuple, Protocol

from tests.simulators.base import Simulator
from tests.simulators.household import Library
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.neighbourhood import Neighbourhood
from tests.simulators.plex import PlexServer
from tests.simulators.plextv import PlexTv

KEPT = 3
"""A place is never left with fewer libraries."""


class Seat(NamedTuple):
    """An account: the identifier of its server, and the server's own name for it."""

    server: str
    account: str


class Place(Protocol):
    """One server. Accounts and libraries go by the server's own names for them."""

    identifier: str
    name: str
    simulators: Sequence[Simulator]
    """All that has to answer so that access can be changed."""

    def guests(self) -> list[str]: ...
    def untouchable(self) -> list[str]: ...
    def libraries(self) -> list[str]: ...
    def has(self, account: str) -> frozenset[str]: ...
    def locked(self, account: str) -> bool: ...
    def opened(self, account: str) -> object:
        """All that the server keeps of somebody's access, to compare."""
        ...

    def give(self, account: str, library: str) -> None: ...
    def take(self, account: str, library: str) -> None: ...
    def add_library(self, chance: Random) -> str: ...
    def remove_library(self, library: str) -> None: ...


class PlexPlace:
    """A Plex server; its shares are kept by plex.tv."""

    def __init__(self, plextv: PlexTv, server: PlexServer) -> None:
        self._state, self._machine = plextv.state, server.machine
        self.identifier, self.name = server.machine.identifier, server.machine.server.name
        self.simulators: Sequence[Simulator] = (plextv, server)

    def guests(self) -> list[str]:
        """The owner's friends, and the owner's home."""
        owner = self._machine.server.owner
        return sorted(str(person) for host, person in self._state.friendships if host == owner)

    def untouchable(self) -> list[str]:
        """Its owner."""
        return [str(self._machine.server.owner)]

    def libraries(self) -> list[str]:
        """The keys of its libraries."""
        return [str(key) for key in self._machine.libraries]

    def has(self, account: str) -> frozenset[str]:
        """What somebody sees."""
        share = self._state.share_with(self.identifier, int(account))
        if share is None or share.accepted_at is None:
            return frozenset()
        return frozenset(str(key) for key in self._machine.libraries if share.covers(key))

    def locked(self, account: str) -> bool:
        """Plex locks nobody out."""
        return False

    def opened(self, account: str) -> object:
        """The libraries that are shared, "all", or None for no share."""
        share = self._state.share_with(self.identifier, int(account))
        if share is None:
            return None
        return "all" if share.libraries is None else frozenset(share.libraries)

    def give(self, account: str, library: str) -> None:
        """Share one library more."""
        share = self._state.share_with(self.identifier, int(account))
        if share is None:
            self._state.offer(self._machine, int(account), {int(library)})
        elif share.libraries is not None:
            share.libraries.add(int(library))

    def take(self, account: str, library: str) -> None:
        """Share one library less."""
        share = self._state.share_with(self.identifier, int(account))
        if share is None:
            return
        share.libraries = {int(key) for key in self.has(account) - {library}}
        if not share.libraries:
            del self._state.shares[share.id]

    def add_library(self, chance: Random) -> str:
        """A new one, under a number that no other ever had."""
        key = 100 + chance.randrange(1_000_000)
        self._state.add_library(self._machine, _new_library(key, chance))
        return str(key)

    def remove_library(self, library: str) -> None:
        """Delete a library."""
        self._state.remove_library(self._machine, int(library))


class JellyfinPlace:
    """A Jellyfin server."""

    def __init__(self, server: JellyfinServer) -> None:
        self._state = server.state
        self.identifier, self.name = server.state.server.identifier, server.state.server.name
        self.simulators: Sequence[Simulator] = (server,)

    def guests(self) -> list[str]:
        """Its users, but for administrators."""
        return sorted(user.id for user in self._state.users.values() if not user.is_administrator)

    def untouchable(self) -> list[str]:
        """Its administrators."""
        return [user.id for user in self._state.users.values() if user.is_administrator]

    def libraries(self) -> list[str]:
        """The ids of its libraries."""
        return list(self._state.libraries)

    def has(self, account: str) -> frozenset[str]:
        """What somebody sees, locked out or not."""
        user = self._state.users[account]
        return frozenset(key for key, library in self._state.libraries.items() if user.sees(library))

    def locked(self, account: str) -> bool:
        """Whether somebody can't log in."""
        return self._state.users[account].is_disabled

    def opened(self, account: str) -> object:
        """The whole policy."""
        return dict(self._state.users[account].policy)

    def give(self, account: str, library: str) -> None:
        """Open one library more."""
        self._open(account, self.has(account) | {library})

    def take(self, account: str, library: str) -> None:
        """Open one library less."""
        self._open(account, self.has(account) - {library})

    def add_library(self, chance: Random) -> str:
        """A new one."""
        library = _new_library(0, chance)
        self._state.add_library(library)
        return library.item_id

    def remove_library(self, library: str) -> None:
        """Delete a library."""
        self._state.remove_library(library)

    def _open(self, account: str, libraries: frozenset[str]) -> None:
        self._state.users[account].policy.update(EnableAllFolders=False, EnabledFolders=sorted(libraries))


def places_of(outside: Neighbourhood) -> dict[str, Place]:
    """All servers of a neighbourhood, by identifier."""
    places: list[Place] = [PlexPlace(outside.plextv, server) for server in outside.plex]
    places += [JellyfinPlace(server) for server in outside.jellyfin]
    return {place.identifier: place for place in places}


def _new_library(key: int, chance: Random) -> Library:
    item_id = uuid.UUID(int=chance.getrandbits(128), version=4).hex
    return Library(
        key=key,
        section_id=chance.randrange(10**9, 2 * 10**9),
        item_id=item_id,
        title=f"New {item_id[:6]}",
        kind="movie",
        location=f"/media/{item_id[:6]}",
        items={"movie": 20},
    )
