"""What can keep a backup from being made or restored. Whatever is raised, what was there before is there still.

BackupError
├── NoSuchBackup       there is no backup of this name
├── BadBackup          refused: not whole, altered, not ours, or of a newer version
│   └── KeyDoesNotFit  refused: its secrets were sealed with another key
└── BackupFailed       the folder, the database or a program of PostgreSQL does not do its part
"""

from __future__ import annotations


class BackupError(Exception):
    """A backup can't be made, read or restored; the message says why, and how to mend it."""


class NoSuchBackup(BackupError):
    """There is no backup of this name."""


class BadBackup(BackupError):
    """The file is truncated, altered, no backup of Showrunner's, or made by a newer version."""


class KeyDoesNotFit(BadBackup):
    """The secrets in it were sealed with another key than there is now."""


class BackupFailed(BackupError):
    """Something that a backup takes does not work."""
