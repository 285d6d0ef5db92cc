"""The door to what servers show, for workers and gateway alike: what syncs see, and nobody decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from shared.runtime.database import migrate
from shared.runtime.secrets import Secret, Vault

from . import access, accounts, libraries, people, servers, settled, spells
from .availability import Spell
from .comparison import Comparison, Difference, Known, compare
from .connections import alone
from .doubts import doubt
from .errors import Doubtful
from .observation import Observation, SeenLibrary
from .records import Account, Library, NewServer, Server, ServerEdit, ServerKind, Sighting

SCHEMA = "media"
MIGRATIONS = Path(__file__).parent / "migrations"
PAGE = 100  # rows of a listing unless told


async def migrate_media(url: str) -> None:
    """Bring the schema `media` up to date. BadMigrations: see `shared.runtime.database.migrate`."""
    await migrate(url, SCHEMA, MIGRATIONS)


class Directory:
    """Servers, libraries, accounts, observed access; people have a door of their own, `Membership`.

    `pool` comes from `open_pool(url, schema=SCHEMA)`; `vault` seals the servers' tokens.
    """

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def servers(self, kind: ServerKind | None = None) -> list[Server]:
        """All servers, or those of one kind, the oldest first."""
        async with self._pool.acquire() as connection:
            return await servers.listed(connection, kind)

    async def server(self, server_id: UUID) -> Server:
        """One server. NoSuchServer."""
        async with self._pool.acquire() as connection:
            return await servers.get(connection, server_id)

    async def token(self, server_id: UUID) -> Secret:
        """A server's token. NoSuchServer; WrongKey: it was sealed with another key."""
        async with self._pool.acquire() as connection:
            return self._vault.unseal(await servers.sealed_token(connection, server_id), _place(server_id))

    async def add_server(self, new: NewServer, sighting: Sighting, at: datetime) -> Server:
        """Add a server, found like that at `at`. DuplicateServer: its identifier is there already."""
        server_id = uuid4()
        sealed = self._vault.seal(new.token, _place(server_id))
        async with self._pool.acquire() as connection, connection.transaction():
            await servers.add(connection, server_id, new, sealed)
            return await _note(connection, server_id, sighting, at)

    async def change_server(self, server_id: UUID, edit: ServerEdit) -> Server:
        """Change what a person decides about a server. NoSuchServer."""
        sealed = self._vault.seal(edit.token, _place(server_id)) if edit.token else None
        async with self._pool.acquire() as connection, connection.transaction():
            server = await servers.change(connection, server_id, edit, sealed)
            if not server.enabled:
                await spells.end(connection, server_id)
            return server

    async def remove_server(self, server_id: UUID) -> None:
        """Delete a server with its libraries and accounts; people stay. NoSuchServer."""
        async with self._pool.acquire() as connection:
            await servers.remove(connection, server_id)

    async def note_sighting(self, server_id: UUID, sighting: Sighting, at: datetime) -> Server:
        """Write down how a server was found at `at`. NoSuchServer; DuplicateServer."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await _note(connection, server_id, sighting, at)

    async def spells(self, server_id: UUID, since: datetime) -> Sequence[Spell]:
        """How the server was after `since`, the newest first. NoSuchServer."""
        async with self._pool.acquire() as connection:
            await servers.get(connection, server_id)
            return await spells.since(connection, server_id, since)

    async def kinds(self) -> frozenset[ServerKind]:
        """The kinds of which there is an enabled server: what jobs that need one ask for."""
        async with self._pool.acquire() as connection:
            return frozenset(await servers.kinds(connection))

    async def libraries(self, server_id: UUID | None = None) -> list[Library]:
        """The libraries that are there, of one server or of all, by title."""
        async with self._pool.acquire() as connection:
            return await libraries.listed(connection, server_id)

    async def viewers(self, server_id: UUID) -> dict[UUID, int]:
        """How many people were seen to have each library of a server; those that nobody has are left out."""
        async with self._pool.acquire() as connection:
            return await libraries.viewers(connection, server_id)

    async def accounts(
        self, server_id: UUID | None = None, *, after: UUID | None = None, limit: int = PAGE
    ) -> list[Account]:
        """A page of accounts by title, removed ones too: those that come after the account `after`."""
        async with self._pool.acquire() as connection:
            return await accounts.listed(connection, server_id, after, limit)

    async def access(self, account_id: UUID) -> list[UUID]:
        """The ids of the libraries that an account was seen to have."""
        async with self._pool.acquire() as connection:
            return await access.of_account(connection, account_id)

    async def known(self, server_id: UUID) -> Known:
        """What is held of a server, to compare an observation with. NoSuchServer."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await _known(connection, server_id)

    async def compare(
        self, server_id: UUID, observation: Observation, *, believe_empty: bool = False
    ) -> tuple[Difference, ...]:
        """What `observe` would change; nothing is written. NoSuchServer; Doubtful."""
        return _believed(await self.known(server_id), observation, believe_empty).differences

    async def observe(
        self, server_id: UUID, observation: Observation, *, believe_empty: bool = False
    ) -> tuple[Difference, ...]:
        """Make the directory hold what was seen of a server, in one transaction, and tell what differed.

        An observation that brings nothing new writes nothing. `believe_empty`: see `doubt`.
        NoSuchServer; DuplicateServer; Doubtful: what was seen can hardly be true.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await alone(connection)
            comparison = _believed(await _known(connection, server_id), observation, believe_empty)
            await servers.identify(
                connection, server_id, observation.identifier, observation.real_name, observation.version
            )
            await _write(connection, server_id, comparison)
        return comparison.differences


async def _note(connection: servers.Connection, server_id: UUID, sighting: Sighting, at: datetime) -> Server:
    server = await servers.note(connection, server_id, sighting, at)
    await spells.note(connection, server_id, sighting.state, sighting.error, at)
    return server


def _believed(known: Known, observation: Observation, believe_empty: bool) -> Comparison:
    if why := doubt(known, observation, believe_empty=believe_empty):
        raise Doubtful(why)
    return compare(known, observation)


async def _known(connection: servers.Connection, server_id: UUID) -> Known:
    server = await servers.get(connection, server_id)
    all_libraries = await libraries.of_server(connection, server_id)
    kept = await accounts.of_server(connection, server_id)
    return Known(
        identifier=server.identifier,
        real_name=server.real_name,
        version=server.version,
        libraries={row.outside_id: _library_seen(row) for row in all_libraries if row.removed_at is None},
        accounts=kept.there,
        removed_libraries={row.outside_id: _library_seen(row) for row in all_libraries if row.removed_at is not None},
        removed_accounts=kept.removed,
        wanted_accounts=kept.wanted,
        access=await access.of_server(connection, server_id),
    )


async def _write(connection: servers.Connection, server_id: UUID, comparison: Comparison) -> None:
    if comparison.libraries:
        await libraries.put(connection, server_id, comparison.libraries)
    if comparison.gone_libraries:
        await libraries.mark_removed(connection, server_id, comparison.gone_libraries)
    if comparison.renumbered:
        await accounts.rename(connection, server_id, comparison.renumbered)
    if comparison.accounts:
        owners = await people.behind(connection, server_id, comparison.accounts)
        await accounts.put(connection, server_id, comparison.accounts, owners)
        await settled.begin(connection, server_id, _appeared(comparison))
    if comparison.gone_accounts:
        await accounts.mark_removed(connection, server_id, comparison.gone_accounts)
    if comparison.withdrawn:
        await access.withdraw(connection, server_id, comparison.withdrawn)
    if comparison.granted:
        await access.grant(connection, server_id, comparison.granted)


def _appeared(comparison: Comparison) -> list[str]:
    return [
        difference.outside_id
        for difference in comparison.differences
        if difference.subject == "account" and difference.action in ("added", "returned")
    ]


def _library_seen(row: Library) -> SeenLibrary:
    return SeenLibrary(outside_id=row.outside_id, title=row.title, kind=row.kind, item_count=row.item_count)


def _place(server_id: UUID) -> str:
    return f"server/{server_id}/token"
