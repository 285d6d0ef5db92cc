"""What people set on the page."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
import msgspec

from shared.access.terms import AccessPolicy
from shared.backups.retention import BackupPolicy
from shared.history.policy import HistoryPolicy
from shared.timing.quiet import Quiet

from . import settings
from .alertrecords import AlertPolicy
from .applied import Applied

ACCESS = "access"
ALERTS = "alerts"
APPLIED = "applied"
BACKUPS = "backups"
HISTORY = "history"
QUIET = "quiet"


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

    async def history(self) -> HistoryPolicy:
        """How long what of the past is kept; the defaults until somebody sets it."""
        async with self._pool.acquire() as connection:
            return _history(await settings.get(connection, HISTORY))

    async def set_history(self, policy: HistoryPolicy, by: str) -> HistoryPolicy:
        """Set it, and tell what was set before."""
        async with self._pool.acquire() as connection, connection.transaction():
            return _history(await settings.put(connection, HISTORY, msgspec.to_builtins(policy), by))

    async def quiet(self) -> Mapping[str, Quiet]:
        """What jobs wait for, by job; those that nobody has told to wait are not there."""
        async with self._pool.acquire() as connection:
            return msgspec.convert(await settings.get(connection, QUIET) or {}, dict[str, Quiet])

    async def set_quiet(self, job: str, quiet: Quiet, by: str) -> Quiet:
        """Set it for one job, and tell what was set before."""
        async with self._pool.acquire() as connection, connection.transaction():
            before = await settings.put_in(connection, QUIET, job, msgspec.to_builtins(quiet), by)
        return Quiet() if before is None else msgspec.convert(before, Quiet)

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


def _history(value: object) -> HistoryPolicy:
    return HistoryPolicy() if value is None else msgspec.convert(value, HistoryPolicy)
