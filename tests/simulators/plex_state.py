"""What plex.tv and the Plex media servers of a household know, and every way in which that changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec

from tests.simulators.household import Household, Library, Membership, Person, Server
from tests.simulators.plex_sessions import PlexPlaying


@dataclass
class Machine:
    """A Plex media server, as plex.tv knows it; `url` is where its simulator listens ("" while it never has)."""

    server: Server
    libraries: dict[int, Library]
    url: str = ""
    sessions_playing: list[PlexPlaying] = field(default_factory=list)
    refreshing: set[int] = field(default_factory=set)
    """The libraries (keys) that are being scanned."""

    @property
    def identifier(self) -> str:
        """Its machine identifier."""
        return self.server.identifier

    def by_section_id(self) -> dict[int, Library]:
        """Its libraries by plex.tv's numbers for them."""
        return {library.section_id: library for library in self.libraries.values()}


@dataclass
class Friendship:
    """That `person` is a friend of `owner`, or of the owner's home; with what the owner allows."""

    owner: int
    person: int
    standing: Literal["friend", "home", "managed"]
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class Share:
    """That a server is shared with a person: some libraries (keys) or all (None); pending until `accepted_at`."""

    id: int
    server: str
    person: int
    libraries: set[int] | None
    token: str
    invited_at: datetime
    accepted_at: datetime | None
    last_seen: datetime | None = None
    settings: dict[str, str] = field(default_factory=dict)

    def covers(self, key: int) -> bool:
        """Whether the library with this key is shared."""
        return self.libraries is None or key in self.libraries


def token_of(kind: str, *parts: object) -> str:
    """A token of twenty characters, the same at every run, that nothing else has."""
    return hashlib.sha256("/".join(map(str, (kind, *parts))).encode()).hexdigest()[:20]


class PlexState:
    """The one truth that a plex.tv simulator and its media servers serve. `now` gives the time of changes (UTC)."""

    def __init__(self, household: Household, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.people: dict[int, Person] = {person.id: person for person in household.people}
        self.machines = {server.identifier: _machine(server) for server in household.servers_of("plex")}
        self.friendships: dict[tuple[int, int], Friendship] = {}
        self.shares: dict[int, Share] = {}
        self.strangers: set[int] = set()
        """Those of the people who are an e-mail address that was invited, and have no account yet."""
        self._next_id = 50_000_000
        self._accounts = {self.account_token(person.id): person.id for person in household.people}
        for membership in household.memberships:
            if membership.server in self.machines:
                self._admit(membership)

    def account_token(self, person: int) -> str:
        """The plex.tv token of a person."""
        return token_of("account", person)

    def account(self, token: str) -> Person | None:
        """Whose plex.tv token this is."""
        return self.people.get(self._accounts.get(token, 0))

    def find_person(self, name: str) -> Person | None:
        """The person with this user name, e-mail or number."""
        wanted = name.lower()
        if not wanted:
            return None
        return next(
            (p for p in self.people.values() if wanted in (p.username.lower(), p.email.lower(), str(p.id))), None
        )

    def owned_by(self, person: int) -> list[Machine]:
        """The servers of this owner."""
        return [machine for machine in self.machines.values() if machine.server.owner == person]

    def shares_of(self, machines: Iterable[Machine]) -> list[Share]:
        """The shares of these servers, pending ones with them."""
        wanted = {machine.identifier for machine in machines}
        return [share for share in self.shares.values() if share.server in wanted]

    def share_with(self, server: str, person: int) -> Share | None:
        """The share of this server with this person, accepted or pending."""
        return next((s for s in self.shares.values() if (s.server, s.person) == (server, person)), None)

    def add_person(self, *, username: str, email: str, title: str = "") -> Person:
        """Open an account."""
        person = Person(
            id=self._new_id(), title=title or username or email, username=username, email=email, joined_at=self.now()
        )
        self.people[person.id] = person
        self._accounts[self.account_token(person.id)] = person.id
        return person

    def add_stranger(self, email: str) -> Person:
        """Somebody who is known by an e-mail address alone."""
        person = Person(id=self._new_id(), title=email, username="", email=email, joined_at=self.now())
        self.people[person.id] = person
        self.strangers.add(person.id)
        return person

    def sign_up(self, stranger: int, *, username: str) -> Person:
        """Let a stranger open an account, under a new number; what was offered to the address is offered to them.

        KeyError: no such stranger.
        """
        self.strangers.remove(stranger)
        person = self.add_person(username=username, email=self.people.pop(stranger).email)
        for share in self.shares.values():
            if share.person == stranger:
                share.person = person.id
        return person

    def offer(self, machine: Machine, person: int, libraries: set[int] | None) -> Share:
        """Share a server; a friend has it at once, anybody else has to accept the invitation."""
        now = self.now()
        share_id = self._new_id()
        share = Share(
            id=share_id,
            server=machine.identifier,
            person=person,
            libraries=libraries,
            token=token_of("share", share_id),
            invited_at=now,
            accepted_at=now if (machine.server.owner, person) in self.friendships else None,
        )
        self.shares[share_id] = share
        return share

    def accept(self, owner: int, person: int) -> int:
        """Accept all that `owner` offers to `person`, who becomes a friend; gives how many shares that were."""
        pending = [s for s in self.shares_of(self.owned_by(owner)) if s.person == person and s.accepted_at is None]
        for share in pending:
            share.accepted_at = self.now()
        if pending:
            self.friendships.setdefault((owner, person), Friendship(owner, person, "friend"))
        return len(pending)

    def withdraw(self, owner: int, person: int) -> int:
        """Take back the invitations of `owner` to `person`; gives how many shares that were."""
        pending = [s for s in self.shares_of(self.owned_by(owner)) if s.person == person and s.accepted_at is None]
        for share in pending:
            del self.shares[share.id]
        return len(pending)

    def unfriend(self, owner: int, person: int) -> bool:
        """End the friendship and every share with it; False if there is none."""
        if self.friendships.pop((owner, person), None) is None:
            return False
        for share in self.shares_of(self.owned_by(owner)):
            if share.person == person:
                del self.shares[share.id]
        return True

    def set_items(self, machine: Machine, key: int, kind: str, count: int) -> None:
        """Let a library hold `count` items of a kind. KeyError: no such library."""
        library = machine.libraries[key]
        machine.libraries[key] = msgspec.structs.replace(library, items=library.items | {kind: count})

    def add_library(self, machine: Machine, library: Library) -> None:
        """Let a server have one more library; who has all has it at once."""
        machine.libraries[library.key] = library

    def remove_library(self, machine: Machine, key: int) -> None:
        """Delete a library; shares of it stay, without it. KeyError: no such library."""
        del machine.libraries[key]
        for share in self.shares_of([machine]):
            if share.libraries is not None:
                share.libraries.discard(key)

    def visitor(self, machine: Machine, token: str) -> Person | Share | None:
        """Who comes with this token to a media server: its owner, the holder of an accepted share, or nobody.

        A guest's own plex.tv token does not open somebody else's server: the share's token does.
        """
        person = self.account(token)
        if person and person.id == machine.server.owner:
            return person
        return next((s for s in self.shares_of([machine]) if s.token == token and s.accepted_at is not None), None)

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _admit(self, membership: Membership) -> None:
        machine, person = self.machines[membership.server], membership.person
        owner, standing = machine.server.owner, membership.standing
        if standing == "managed":
            self.people[person] = msgspec.structs.replace(self.people[person], username="", email="")
        if standing != "invited":
            self.friendships.setdefault((owner, person), Friendship(owner, person, standing))
        if membership.libraries == ():
            return
        libraries = None if membership.libraries is None else set(membership.libraries)
        share = self.offer(machine, person, libraries)
        share.invited_at, share.last_seen = membership.since, membership.last_seen
        share.accepted_at = None if standing == "invited" else membership.since


def _machine(server: Server) -> Machine:
    return Machine(server=server, libraries={library.key: library for library in server.libraries})
