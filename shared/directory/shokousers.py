"""The door to who people are on Shoko Servers, and to the keys that open their watch history there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from shared.runtime.secrets import Secret, Vault

from . import shokokeys
from .records import ShokoPerson
from .shokokeys import SealedKey


class ShokoUsers:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`; `vault` seals the keys, each for its row."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def listed(self, server_id: UUID) -> list[ShokoPerson]:
        """The people who are known on a Shoko Server, by name."""
        async with self._pool.acquire() as connection:
            return await shokokeys.listed(connection, server_id)

    async def get(self, server_id: UUID, person_id: UUID) -> ShokoPerson:
        """Who a person is on a Shoko Server. NoSuchShokoUser."""
        async with self._pool.acquire() as connection:
            return await shokokeys.get(connection, server_id, person_id)

    async def key(self, server_id: UUID, person_id: UUID) -> Secret:
        """The key of a person's user. NoSuchShokoUser; WrongKey: it was sealed with another key of ours."""
        async with self._pool.acquire() as connection:
            return self._unsealed(await shokokeys.key(connection, server_id, person_id))

    async def put(
        self,
        server_id: UUID,
        person_id: UUID,
        key: Secret,
        *,
        outside_id: str,
        username: str,
        by: str,
        at: datetime,
    ) -> ShokoPerson:
        """Keep which user a person is, and the key of that user, in place of what was known.

        NoSuchServer; NoSuchPerson; ShokoUserTaken.
        """
        key_id = uuid4()
        sealed = SealedKey(id=key_id, sealed=self._vault.seal(key, _place(key_id)))
        row = ShokoPerson(
            server_id=server_id,
            person_id=person_id,
            person="",
            outside_id=outside_id,
            username=username,
            changed_at=at,
            changed_by=by,
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await shokokeys.put(connection, row, sealed)
            return await shokokeys.get(connection, server_id, person_id)

    async def remove(self, server_id: UUID, person_id: UUID) -> ShokoPerson:
        """Forget who a person is; who it was. NoSuchShokoUser."""
        async with self._pool.acquire() as connection, connection.transaction():
            gone = await shokokeys.get(connection, server_id, person_id)
            await shokokeys.remove(connection, server_id, person_id)
            return gone

    async def mark_revoked(self, server_id: UUID, person_id: UUID, key: Secret) -> bool:
        """Note that this key opens nothing any more; False if that is known, or another was entered meanwhile.

        NoSuchShokoUser; WrongKey.
        """
        async with self._pool.acquire() as connection:
            kept = await shokokeys.key(connection, server_id, person_id)
            if self._unsealed(kept) != key:
                return False
            return await shokokeys.revoke(connection, server_id, person_id, kept.id)

    def _unsealed(self, kept: SealedKey) -> Secret:
        return self._vault.unseal(kept.sealed, _place(kept.id))


def _place(key_id: UUID) -> str:
    return f"shoko_user/{key_id}"
