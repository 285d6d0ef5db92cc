"""Calls about backups."""

from __future__ import annotations

from typing import Any

from shared.backups.backups import Restored

from .. import backups
from ..route import Nothing, Route, Stream

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/backups", handler=backups.list_backups, takes=Nothing, gives=backups.BackupList,
          role="operator", does="The backups, the newest first.", problems=("backup_failed",)),
    Route(method="POST", path="/api/backups", handler=backups.make_backup, takes=backups.NewBackup,
          gives=backups.BackupView, status=201, role="admin", does="Back up now; the answer comes when it is on disk.",
          problems=("backup_failed", "audit_unavailable")),
    Route(method="POST", path="/api/backups/file", handler=backups.take_backup, takes=Stream,
          gives=backups.BackupView, status=201, role="admin", does="Bring a backup that was kept elsewhere, as a file; "
          "one that is damaged, not ours, newer or of another key is refused.",
          problems=("backup_refused", "backup_failed", "audit_unavailable")),
    Route(method="POST", path="/api/backups/{name}/check", handler=backups.check_backup, takes=Nothing,
          gives=backups.BackupView, role="operator", does="Read all of a backup: is it whole, untouched and ours?",
          problems=("backup_unknown", "backup_refused", "backup_failed")),
    Route(method="GET", path="/api/backups/{name}/file", handler=backups.fetch_backup, takes=Nothing,
          gives="application/octet-stream", role="admin", does="A backup as a file, to keep it elsewhere.",
          problems=("backup_unknown",)),
    Route(method="POST", path="/api/backups/{name}/restore", handler=backups.restore_backup, takes=backups.RestoreBody,
          gives=Restored, role="admin", does="Check a backup, keep the present state as another, and put the backup's "
          "in its place; if anything fails, all stays as it is.",
          problems=("backup_unknown", "backup_refused", "backup_failed", "audit_unavailable")),
    Route(method="DELETE", path="/api/backups/{name}", handler=backups.remove_backup, takes=Nothing, gives=None,
          status=204, role="admin", does="Delete a backup.",
          problems=("backup_unknown", "backup_failed", "audit_unavailable")),
)  # fmt: skip
