"""Which backups are kept, and which have had their time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from .shelf import Backup


class BackupPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Backups older than `keep_days`, or beyond the newest `keep_count`, are deleted; 0 sets no such limit."""

    keep_days: Annotated[int, Meta(ge=0, le=3660)] = 30
    keep_count: Annotated[int, Meta(ge=0, le=10_000)] = 10


def outdated(backups: Sequence[Backup], good: str, policy: BackupPolicy, now: datetime) -> list[tuple[Backup, str]]:
    """Those to delete, each with the reason, the oldest first. `good` is the newest that is whole: it stays."""
    newest_first = sorted(backups, key=lambda backup: backup.name, reverse=True)
    gone = [
        (backup, why)
        for place, backup in enumerate(newest_first)
        if backup.name != good and (why := _why(backup, place, policy, now))
    ]
    return gone[::-1]


def _why(backup: Backup, place: int, policy: BackupPolicy, now: datetime) -> str:
    if policy.keep_days and now - backup.made_at > timedelta(days=policy.keep_days):
        return f"older than {policy.keep_days} days"
    if policy.keep_count and place >= policy.keep_count:
        return f"beyond the newest {policy.keep_count}"
    return ""
