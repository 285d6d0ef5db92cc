"""The jobs of the worker `maintenance` that look after backups."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from shared.backups.backups import Backups
from shared.contracts.specs import Calendar, Interval, Spec
from shared.directory.preferences import Preferences

from ..door import Job
from .backups import CleanUpBackups, MakeBackup, VerifyBackup
from .jobs import CATEGORY


def backup_jobs(backups: Backups, preferences: Preferences, zone: ZoneInfo) -> tuple[Job, ...]:
    """All of them, bound to what they work on."""
    return (
        Job(spec=replace(_BACKUP, schedule=every_third_night(zone)), handler=MakeBackup(backups)),
        Job(spec=_CLEAN_UP, handler=CleanUpBackups(backups, preferences)),
        Job(spec=_VERIFY, handler=VerifyBackup(backups)),
    )


THREE_DAYS_MS = 3 * 24 * 60 * 60 * 1000


def every_third_night(zone: ZoneInfo) -> Interval:
    """At 03:00 as clocks stand on 1 January. By the calendar it would begin anew with every month."""
    anchor = datetime(2026, 1, 1, 3, tzinfo=zone)
    return Interval(every_ms=THREE_DAYS_MS, anchor_ms=int(anchor.timestamp() * 1000))


_BACKUP = Spec(
    name="backup",
    title="Back up",
    description="Writes the whole database, settings and templates included, into one file that proves by itself that "
    "it is whole. Secrets stay sealed, and the key stays out of it unless a passphrase seals it in.",
    category=CATEGORY,
    schedule=Interval(every_ms=THREE_DAYS_MS),
    version=2,
    timeout_s=3600.0,
    attempts=3,
    backoff_s=60.0,
)

_CLEAN_UP = Spec(
    name="cleanup_backups",
    title="Clean up backups",
    description="Deletes backups that are too old or too many, as set on the page Backups. The newest that is whole is "
    "never deleted.",
    category=CATEGORY,
    schedule=Calendar(expression="30 3 * * *"),
    timeout_s=1800.0,
    attempts=2,
    dry_run=True,
)

_VERIFY = Spec(
    name="verify_backup",
    title="Verify the backup",
    description="Restores the newest backup into a database of its own, compares how many rows each table has with "
    "what was backed up, and throws that database away.",
    category=CATEGORY,
    schedule=Calendar(expression="0 5 * * 0"),
    timeout_s=3600.0,
    attempts=2,
    backoff_s=60.0,
)
