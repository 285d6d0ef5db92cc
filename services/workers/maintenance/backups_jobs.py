"""The jobs of the worker `maintenance` that look after backups."""

from __future__ import annotations

from shared.backups.backups import Backups
from shared.contracts.specs import Calendar, Spec
from shared.directory.preferences import Preferences

from ..door import Job
from .backups import CleanUpBackups, MakeBackup, VerifyBackup
from .jobs import CATEGORY


def backup_jobs(backups: Backups, preferences: Preferences) -> tuple[Job, ...]:
    """All of them, bound to what they work on."""
    return (
        Job(spec=_BACKUP, handler=MakeBackup(backups)),
        Job(spec=_CLEAN_UP, handler=CleanUpBackups(backups, preferences)),
        Job(spec=_VERIFY, handler=VerifyBackup(backups)),
    )


_BACKUP = Spec(
    name="backup",
    title="Back up",
    description="Writes the whole database, settings and templates included, into one file that proves by itself that "
    "it is whole. Secrets stay sealed, and the key stays out of it unless a passphrase seals it in.",
    category=CATEGORY,
    schedule=Calendar(expression="0 3 */3 * *"),
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
