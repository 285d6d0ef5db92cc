"""What people set on the page."""

from __future__ import annotations

import asyncpg
import msgspec

from shared.access.terms import AccessPolicy
from shared.backups.retention import BackupPolicy

from . import settings
from .alertrecords import AlertPolicy
from .applied import Applied

ACCESS = "access"
ALERTS = "alerts"
APPLIED = "applied"
BACKUPS = "backups"


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

    async def alerts(self) -> AlertPolicy:
        """What is set about alerts; the defaults until somebody sets it."""
        async with self._pool.acquire() as connection:
            return _alerts(await settings.get(connection, ALERTS))

    async def set_alerts(self, policy: AlertPolicy, by: str) -> AlertPolicy:
        """Set it, and tell what was set before."""
        async with self._pool.acquire() as connection, connection.transaction():
            return _alerts(await settings.put(connection, ALERTS, msgspec.to_builtins(policy), by))

    async def backups(self) -> BackupPolicy:
        """Which backups are kept; the defaults until somebody sets it."""
        async with self._pool.acquire() as connection:
            return _backups(await settings.get(connection, BACKUPS))

    async def set_backups(self, policy: BackupPolicy, by: str) -> BackupPolicy:
        """Set it, and tell what was set before."""
        async with self._pool.acquire() as connection, connection.transaction():
            return _backups(await settings.put(connection, BACKUPS, msgspec.to_builtins(policy), by))

    async def applied(self) -> Applied | None:
        """What the last apply of a file left; None until there is one."""
        async with self._pool.acquire() as connection:
            value = await settings.get(connection, APPLIED)
        return None if value is None else msgspec.convert(value, Applied)

    async def set_applied(self, applied: Applied) -> None:
        """Remember it in place of what an earlier apply left."""
        async with self._pool.acquire() as connection, connection.transaction():
            await settings.put(connection, APPLIED, msgspec.to_builtins(applied), applied.by)


def _policy(value: object) -> AccessPolicy:
    return AccessPolicy() if value is None else msgspec.convert(value, AccessPolicy)


def _alerts(value: object) -> AlertPolicy:
    return AlertPolicy() if value is None else msgspec.convert(value, AlertPolicy)


def _backups(value: object) -> BackupPolicy:
    return BackupPolicy() if value is None else msgspec.convert(value, BackupPolicy)
