"""What people set on the page."""

from __future__ import annotations

import asyncpg
import msgspec

from shared.access.terms import AccessPolicy

from . import settings

ACCESS = "access"


class Preferences:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def access(self) -> AccessPolicy:
        """What is set about access; the defaults until somebody sets it."""
        async with self._pool.acquire() as connection:
            return _policy(await settings.get(connection, ACCESS))

    async def set_access(self, policy: AccessPolicy, by: str) -> AccessPolicy:
        """Set it, and tell what was set before."""
        async with self._pool.acquire() as connection, connection.transaction():
            return _policy(await settings.put(connection, ACCESS, msgspec.to_builtins(policy), by))


def _policy(value: object) -> AccessPolicy:
    return AccessPolicy() if value is None else msgspec.convert(value, AccessPolicy)
