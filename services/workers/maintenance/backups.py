"""Makes backups, tidies them away, and proves that the newest can be restored."""

from __future__ import annotations

from datetime import timedelta

from shared.backups.backups import Backups
from shared.backups.errors import BackupError, BadBackup
from shared.backups.retention import outdated
from shared.backups.shelf import Backup
from shared.contracts.reports import Change
from shared.directory.preferences import Preferences
from shared.runtime.clock import utc_now

from ..door import JobFailed, Result, RunContext, skipped, succeeded

LEFT_BEHIND = timedelta(days=1)  # nothing that is under way is older


class MakeBackup:
    """The handler. An attempt that dies leaves nothing that could be taken for a backup."""

    def __init__(self, backups: Backups) -> None:
        self._backups = backups

    async def __call__(self, run: RunContext) -> Result:
        """Make one. JobFailed: there is none."""
        try:
            made = await self._backups.make("schedule")
        except BackupError as error:
            raise JobFailed("no_backup", str(error)) from error
        assert made.manifest is not None
        return succeeded(f"{made.name}: {made.manifest.rows:,} rows, {size(made.size)}")


class CleanUpBackups:
    """The handler. Without a backup that is whole and untouched, nothing is deleted."""

    def __init__(self, backups: Backups, preferences: Preferences) -> None:
        self._backups = backups
        self._preferences = preferences

    async def __call__(self, run: RunContext) -> Result:
        """Delete those that have had their time. JobFailed: the folder does not let us."""
        try:
            return await self._clean_up(run)
        except BackupError as error:
            raise JobFailed("not_cleaned_up", str(error)) from error

    async def _clean_up(self, run: RunContext) -> Result:
        there = await self._backups.listed()
        good = await self._backups.newest_good()
        if good is None:
            return skipped("there is no backup that is whole, so none is deleted") if there else succeeded()
        now = utc_now()
        gone = outdated(there, good.name, await self._preferences.backups(), now)
        run.plan([_deletion(number, backup, why) for number, (backup, why) in enumerate(gone, 1)])
        if run.dry_run:
            return succeeded(f"{len(gone)} of {len(there)} backups would be deleted")
        self._backups.shelf.sweep(now - LEFT_BEHIND)
        for number, (backup, _) in enumerate(gone, 1):
            self._backups.shelf.remove(backup.name)
            run.applied(number)
        return succeeded(f"{len(gone)} of {len(there)} backups deleted" if gone else "nothing to do")


class VerifyBackup:
    """The handler. Restores into a database of its own, which is thrown away."""

    def __init__(self, backups: Backups) -> None:
        self._backups = backups

    async def __call__(self, run: RunContext) -> Result:
        """Try the newest backup. JobFailed: it can't be restored, or could not be tried."""
        try:
            there = await self._backups.listed()
            return await self._verified(there[0].name) if there else skipped("there is no backup yet")
        except BackupError as error:
            raise JobFailed("not_verified", str(error)) from error

    async def _verified(self, name: str) -> Result:
        try:
            manifest = await self._backups.verify(self._backups.shelf.path(name))
        except BadBackup as error:
            raise JobFailed("bad_backup", f"{name} can't be restored: {error}", retry=False) from error
        return succeeded(f"{name} restores to {manifest.rows:,} rows, as many as were backed up")


def size(count: int) -> str:
    """So many bytes, for a person: "1.4 MB"."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _deletion(number: int, backup: Backup, why: str) -> Change:
    return Change(number=number, action="delete backup", target=backup.name, why=why)
