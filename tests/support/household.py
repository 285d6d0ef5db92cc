"""The media schema with a few servers and people in it, and all its doors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from shared.access.terms import AccessPolicy
from shared.directory.accessbook import AccessBook
from shared.directory.directory import SCHEMA, Directory
from shared.directory.ledger import Ledger
from shared.directory.membership import Membership
from shared.directory.observation import Observation, SeenAccount, SeenLibrary
from shared.directory.records import Library, NewServer, Server, ServerKind, Sighting
from shared.directory.subscribers import EventKind, PeopleQuery, PersonCard, PersonEvent
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault

TODAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Household(Struct, frozen=True, kw_only=True):
    """The doors, and what tests ask again and again; people and libraries go by their names."""

    pool: asyncpg.Pool
    directory: Directory
    membership: Membership
    book: AccessBook
    ledger: Ledger

    @property
    def here(self) -> dict[str, Any]:
        """Who decides, when, and by which settings: for calls that may change states."""
        return {"by": "ada", "today": TODAY, "policy": AccessPolicy()}

    async def server(
        self, name: str, people: Mapping[str, Sequence[str]], kind: ServerKind = "plex", **more: Any
    ) -> Server:
        """A new server that was seen with these people, each with the libraries that they have."""
        new = NewServer(kind=kind, name=name, url=f"http://{name}", token=Secret("token"))
        server = await self.directory.add_server(new, Sighting(state="up", identifier=name, real_name=name), AT)
        await self.see(server, people, **more)
        return server

    async def see(self, server: Server, people: Mapping[str, Sequence[str]], **more: Any) -> None:
        """See the server again, with these people and libraries alone."""
        await self.directory.observe(server.id, seen(server.name, people, **more), believe_empty=True)

    async def id(self, name: str) -> UUID:
        """The one person of this name."""
        return (await self.card(name)).id

    async def card(self, name: str) -> PersonCard:
        """The card of the one person of this name."""
        (card,) = [card for card in await self.membership.cards(PeopleQuery(limit=1000)) if card.name == name]
        return card

    async def library(self, title: str) -> UUID:
        """The one library of this title."""
        return (await self._library(title)).id

    async def number(self, title: str) -> int:
        """Its number."""
        return (await self._library(title)).number

    async def rules(self, name: str) -> dict[str, str]:
        """A person's rules, by the titles of libraries."""
        titles = {library.id: library.title for library in await self.directory.libraries()}
        return {titles[rule.library_id]: rule.effect for rule in await self.membership.rules(await self.id(name))}

    async def happened(self, name: str) -> list[str]:
        """The kinds of what happened to a person, the oldest first."""
        return [event.kind for event in reversed(await self.membership.events(await self.id(name)))]

    async def event(self, name: str, kind: EventKind) -> PersonEvent:
        """The newest event of this kind of a person."""
        return next(event for event in await self.membership.events(await self.id(name)) if event.kind == kind)

    async def _library(self, title: str) -> Library:
        (library,) = [library for library in await self.directory.libraries() if library.title == title]
        return library


@asynccontextmanager
async def open_household(url: str, folder: Path) -> AsyncIterator[Household]:
    """All doors of the migrated database `url`."""
    async with open_pool(url, schema=SCHEMA) as pool:
        yield Household(
            pool=pool,
            directory=Directory(pool, Vault.from_file(folder / "key")),
            membership=Membership(pool),
            book=AccessBook(pool),
            ledger=Ledger(pool),
        )


def seen(server: str, people: Mapping[str, Sequence[str]], **more: Any) -> Observation:
    """What a look at a server gives; `more` is about all its accounts. Titles are also the libraries' outside ids."""
    titles = sorted({title for libraries in people.values() for title in libraries})
    return Observation(
        identifier=server,
        real_name=server,
        version="1",
        libraries=tuple(SeenLibrary(outside_id=title, title=title, kind="movies", item_count=1) for title in titles),
        accounts=tuple(
            SeenAccount(**{"outside_id": name, "username": f"{name}_1", "title": name, "role": "friend", **more})
            for name in people
        ),
        access={name: frozenset(libraries) for name, libraries in people.items()},
    )
