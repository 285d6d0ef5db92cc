"""What the syncs would have seen, written into the directory of a gateway, and an administrator at that gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from shared.directory.directory import SCHEMA, Directory
from shared.directory.observation import Observation, SeenAccount, SeenLibrary
from shared.directory.records import NewServer, ServerKind, Sighting
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault
from tests.support.gateways import PASSWORD, House, Person, house

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
TITLES = ("Films", "Series", "Music")


class Neighbours(NamedTuple):
    """A house with a gateway, its administrator, and its directory."""

    home: House
    admin: Person
    directory: Directory
    pool: asyncpg.Pool

    async def server(
        self, name: str, kind: ServerKind = "plex", accounts: Mapping[str, str] | None = None, role: str = "friend"
    ) -> UUID:
        """A server with Films, Series and Music. `accounts`: by name, the first letters of the libraries they have."""
        new = NewServer(kind=kind, name=name, url=f"http://{name}", token=Secret("token"))
        server = await self.directory.add_server(new, Sighting(state="up", identifier=name, real_name=name), AT)
        given = accounts or {}
        observation = Observation(
            identifier=name,
            real_name=name,
            version="1",
            libraries=tuple(SeenLibrary(outside_id=t[0], title=t, kind="movies", item_count=3) for t in TITLES),
            accounts=tuple(
                SeenAccount(
                    outside_id=f"{name} {who}",
                    username=who.lower(),
                    title=who,
                    email=f"{who.lower()}@example.org",
                    role=role,  # type: ignore[arg-type]
                )
                for who in given
            ),
            access={f"{name} {who}": frozenset(letters) for who, letters in given.items()},
        )
        await self.directory.observe(server.id, observation)
        return server.id

    async def libraries(self, server_id: UUID) -> dict[str, str]:
        """The ids of a server's libraries, by their titles."""
        return {library.title: str(library.id) for library in await self.directory.libraries(server_id)}

    async def person(self, name: str) -> dict[str, Any]:
        """The card of the one person of this name."""
        (card,) = (await self.admin.read(f"/api/people?text={name}"))["people"]
        return dict(card)

    async def with_role(self, role: str) -> Person:
        """Somebody who is logged in with this role."""
        status, answer = await self.admin.post("/api/users", name=role, role=role, password=PASSWORD)
        assert status == 201, answer
        person = await self.home.person(self.home.listening[-1].port)
        return await person.log_in(role)


@asynccontextmanager
async def neighbours(nats_url: str, database_url: str, folder: Path) -> AsyncIterator[Neighbours]:
    """All of it, for the time of the block; no scheduler and no worker."""
    async with house(nats_url, database_url, folder) as home, open_pool(database_url, schema=SCHEMA) as pool:
        admin, _ = await home.gateway()
        await admin.log_in()
        yield Neighbours(home, admin, Directory(pool, Vault.from_file(folder / "key")), pool)
