"""The one door to the media schema, for workers and gateway alike."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from msgspec import structs

from shared.runtime.database import migrate
from shared.runtime.secrets import Secret, Vault

from . import access, accounts, libraries, people, servers
from .comparison import Comparison, Difference, Known, compare
from .doubts import doubt
from .errors import Doubtful
from .observation import Observation, SeenAccount, SeenLibrary
from .records import Account, Library, NewServer, Person, Server, ServerEdit, ServerKind, Sighting

SCHEMA = "media"
MIGRATIONS = Path(__file__).parent / "migrations"
PAGE = 100  # rows of a listing unless told

# One observation is written at a time: two servers that show the same plex.tv user at once must not make two people.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('media.observe'))"


async def migrate_media(url: str) -> None:
    """Bring the schema `media` up to date. BadMigrations: see `shared.runtime.database.migrate`."""
    await migrate(url, SCHEMA, MIGRATIONS)


class Directory:
    """Servers, libraries, people, accounts, observed access.

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
            return await servers.note(connection, server_id, sighting, at)

    async def change_server(self, server_id: UUID, edit: ServerEdit) -> Server:
        """Change what a person decides about a server. NoSuchServer."""
        sealed = self._vault.seal(edit.token, _place(server_id)) if edit.token else None
        async with self._pool.acquire() as connection:
            return await servers.change(connection, server_id, edit, sealed)

    async def remove_server(self, server_id: UUID) -> None:
        """Delete a server with its libraries and accounts; people stay. NoSuchServer."""
        async with self._pool.acquire() as connection:
            await servers.remove(connection, server_id)

    async def note_sighting(self, server_id: UUID, sighting: Sighting, at: datetime) -> Server:
        """Write down how a server was found at `at`. NoSuchServer; DuplicateServer."""
        async with self._pool.acquire() as connection:
            return await servers.note(connection, server_id, sighting, at)

    async def kinds(self) -> frozenset[ServerKind]:
        """The kinds of which there is an enabled server: what jobs that need one ask for."""
        async with self._pool.acquire() as connection:
            return frozenset(await servers.kinds(connection))

    async def libraries(self, server_id: UUID | None = None) -> list[Library]:
        """The libraries that are there, of one server or of all, by title."""
        async with self._pool.acquire() as connection:
            return await libraries.listed(connection, server_id)

    async def people(self, *, after: UUID | None = None, limit: int = PAGE) -> list[Person]:
        """A page of people by name: those that come after the person `after`."""
        async with self._pool.acquire() as connection:
            return await people.listed(connection, after, limit)

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
            await connection.execute(LOCK)
            comparison = _believed(await _known(connection, server_id), observation, believe_empty)
            await servers.identify(
                connection, server_id, observation.identifier, observation.real_name, observation.version
            )
            await _write(connection, server_id, comparison)
        return comparison.differences


def _believed(known: Known, observation: Observation, believe_empty: bool) -> Comparison:
    if why := doubt(known, observation, believe_empty=believe_empty):
        raise Doubtful(why)
    return compare(known, observation)


async def _known(connection: servers.Connection, server_id: UUID) -> Known:
    server = await servers.get(connection, server_id)
    all_libraries = await libraries.of_server(connection, server_id)
    all_accounts = await accounts.of_server(connection, server_id)
    return Known(
        identifier=server.identifier,
        real_name=server.real_name,
        version=server.version,
        libraries={row.outside_id: _library_seen(row) for row in all_libraries if row.removed_at is None},
        accounts={row.outside_id: _account_seen(row) for row in all_accounts if row.removed_at is None},
        removed_libraries={row.outside_id: _library_seen(row) for row in all_libraries if row.removed_at is not None},
        removed_accounts={row.outside_id: _account_seen(row) for row in all_accounts if row.removed_at is not None},
        access=await access.of_server(connection, server_id),
    )


async def _write(connection: servers.Connection, server_id: UUID, comparison: Comparison) -> None:
    if comparison.libraries:
        await libraries.put(connection, server_id, comparison.libraries)
    if comparison.gone_libraries:
        await libraries.mark_removed(connection, server_id, comparison.gone_libraries)
    if comparison.accounts:
        owners = await people.behind(connection, server_id, comparison.accounts)
        await accounts.put(connection, server_id, comparison.accounts, owners)
    if comparison.gone_accounts:
        await accounts.mark_removed(connection, server_id, comparison.gone_accounts)
    if comparison.withdrawn:
        await access.withdraw(connection, server_id, comparison.withdrawn)
    if comparison.granted:
        await access.grant(connection, server_id, comparison.granted)


def _library_seen(row: Library) -> SeenLibrary:
    return SeenLibrary(outside_id=row.outside_id, title=row.title, kind=row.kind, item_count=row.item_count)


def _account_seen(row: Account) -> SeenAccount:
    values = structs.asdict(row)
    return SeenAccount(**{name: values[name] for name in SeenAccount.__struct_fields__})


def _place(server_id: UUID) -> str:
    return f"server/{server_id}/token"
