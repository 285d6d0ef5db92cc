"""A believable household, made from a seed: servers, libraries, people, and who is let into what. Data, no server."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from tests.simulators import names

AS_OF = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The moment the household is pictured at; nothing in it lies later."""

Product = Literal["plex", "jellyfin"]
LibraryKind = Literal["movie", "show", "artist", "photo"]
Standing = Literal["friend", "home", "managed", "invited"]
"""Friend of the owner; member of the owner's home; a home's managed user (no e-mail, no log-in); not yet accepted."""


class Person(Struct, frozen=True, kw_only=True):
    """Somebody with an account. A managed user has neither user name nor e-mail."""

    id: int
    title: str
    username: str
    email: str
    joined_at: datetime


class Library(Struct, frozen=True, kw_only=True):
    """A library. `key` is its number on its server, `section_id` plex.tv's number for it, `item_id` Jellyfin's."""

    key: int
    section_id: int
    item_id: str
    title: str
    kind: LibraryKind
    location: str
    items: dict[str, int]
    """How many of each kind of item it holds: {"show": 12, "season": 40, "episode": 390}."""


class Server(Struct, frozen=True, kw_only=True):
    """A media server; `owner` is the person who owns it (Plex) or administers it (Jellyfin)."""

    product: Product
    identifier: str
    name: str
    version: str
    owner: int
    libraries: tuple[Library, ...]


class Membership(Struct, frozen=True, kw_only=True):
    """That a person is let into a server: into the libraries with these keys, or into all (None)."""

    person: int
    server: str
    libraries: tuple[int, ...] | None
    standing: Standing
    since: datetime
    last_seen: datetime | None
    disabled: bool = False


class Household(Struct, frozen=True, kw_only=True):
    """Everything there is, at one moment."""

    people: tuple[Person, ...]
    servers: tuple[Server, ...]
    memberships: tuple[Membership, ...]

    def servers_of(self, product: Product) -> list[Server]:
        """The servers of one product, in order."""
        return [server for server in self.servers if server.product == product]

    def members_of(self, server: Server) -> list[Membership]:
        """Who is let into this server (the owner aside)."""
        return [membership for membership in self.memberships if membership.server == server.identifier]


def make_household(
    *, seed: int = 1, people: int = 80, plex_servers: int = 2, jellyfin_servers: int = 1, libraries: int = 25
) -> Household:
    """The household of this seed and size: equal arguments give an equal household, anywhere.

    Two Plex owners share the Plex servers; each Jellyfin server has its own administrator.
    ValueError: fewer people than that takes, or fewer libraries than servers.
    """
    owners = min(plex_servers, 2) + jellyfin_servers
    if libraries < plex_servers + jellyfin_servers:
        raise ValueError(f"{libraries} libraries are too few: give at least one a server")
    if people < owners:
        raise ValueError(f"{people} people are too few to own the servers: give at least {owners}")
    chance = random.Random(seed)
    residents = tuple(_people(chance, people))
    servers = tuple(_servers(chance, residents, plex_servers, jellyfin_servers, libraries))
    return Household(people=residents, servers=servers, memberships=tuple(_memberships(chance, residents, servers)))


def _people(chance: random.Random, count: int) -> Iterator[Person]:
    first_id = chance.randrange(1_000_000, 9_000_000)
    for index in range(count):
        given, family = chance.choice(names.GIVEN), chance.choice(names.FAMILY)
        # The index keeps user names apart; titles may well be equal, as among real people.
        username = f"{given}.{family}{index}".lower()
        yield Person(
            id=first_id + index * 17,
            title=f"{given} {family}",
            username=username,
            email=f"{username}@example.org",
            joined_at=AS_OF - timedelta(days=chance.randrange(30, 3000)),
        )


def _servers(
    chance: random.Random, people: Sequence[Person], plex: int, jellyfin: int, libraries: int
) -> Iterator[Server]:
    total = plex + jellyfin
    for index in range(total):
        is_plex = index < plex
        owner = people[index % 2 if is_plex else min(plex, 2) + index - plex]
        count = libraries // total + (index < libraries % total)
        yield Server(
            product="plex" if is_plex else "jellyfin",
            identifier=f"{chance.getrandbits(160):040x}" if is_plex else f"{chance.getrandbits(128):032x}",
            name=names.SERVERS[index] if index < len(names.SERVERS) else f"Server {index + 1}",
            version="1.43.0.10492-121068a07" if is_plex else "10.11.11",
            owner=owner.id,
            libraries=tuple(_libraries(chance, index, count)),
        )


def _libraries(chance: random.Random, server: int, count: int) -> Iterator[Library]:
    for index in range(count):
        title, kind = names.LIBRARIES[index % len(names.LIBRARIES)]
        turn = index // len(names.LIBRARIES)
        title = f"{title} {turn + 1}" if turn else title
        yield Library(
            key=index + 1,
            section_id=chance.randrange(1_000_000, 9_000_000) * 100 + server,
            item_id=uuid.UUID(int=chance.getrandbits(128), version=4).hex,
            title=title,
            kind=kind,
            location=f"/media/{title.lower().replace(' ', '-')}",
            items=_holdings(chance, kind),
        )


def _holdings(chance: random.Random, kind: LibraryKind) -> dict[str, int]:
    if kind == "show":
        shows = chance.randrange(8, 260)
        seasons = shows * chance.randrange(2, 5)
        return {"show": shows, "season": seasons, "episode": seasons * chance.randrange(6, 14)}
    if kind == "artist":
        artists = chance.randrange(20, 400)
        albums = artists * chance.randrange(2, 6)
        return {"artist": artists, "album": albums, "track": albums * chance.randrange(8, 13)}
    return {kind: chance.randrange(15, 2200)}


def _memberships(chance: random.Random, people: Sequence[Person], servers: Sequence[Server]) -> Iterator[Membership]:
    owners = {server.owner for server in servers}
    guests = [person for person in people if person.id not in owners]
    plex = [server for server in servers if server.product == "plex"]
    # The first guests show what plex.tv knows besides friends; they are of the first owner's household alone.
    special: list[Standing] = ["managed", "managed", "home", "home", "invited", "invited"]
    for person, standing in zip(guests, special, strict=False):
        if plex:
            yield _membership(chance, person, plex[0], standing)
    for person in guests[len(special) if plex else 0 :]:
        for server in chance.sample(list(servers), chance.randint(1, len(servers))):
            yield _membership(chance, person, server, "friend")


def _membership(chance: random.Random, person: Person, server: Server, standing: Standing) -> Membership:
    since = AS_OF - timedelta(days=chance.randrange(1, 900))
    seen = None if standing == "invited" or chance.random() < 0.1 else since + (AS_OF - since) * chance.random()
    return Membership(
        person=person.id,
        server=server.identifier,
        libraries=_libraries_let_into(chance, server, standing),
        standing=standing,
        since=since.replace(microsecond=0),
        last_seen=seen.replace(microsecond=0) if seen else None,
        disabled=server.product == "jellyfin" and chance.random() < 0.04,
    )


def _libraries_let_into(chance: random.Random, server: Server, standing: Standing) -> tuple[int, ...] | None:
    draw = chance.random()
    if draw < 0.3 or not server.libraries:
        return None
    # A friend with nothing shared is what an expired subscription leaves behind.
    if draw < 0.36 and standing == "friend":
        return ()
    keys = [library.key for library in server.libraries]
    return tuple(sorted(chance.sample(keys, chance.randint(1, len(keys)))))
