"""Which user PostgreSQL runs as when Showrunner runs as root: it refuses to be root (its documentation, 18.1)."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import NamedTuple

from services.cli.embedded.errors import ServerError

ACCOUNTS = ("showrunner", "postgres", "nobody")  # in order of preference; the last one is on every machine


class Account(NamedTuple):
    """The numbers of a user and its group."""

    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """The user for a server in `folder`: None for our own, or, for root, the folder's owner, else the first we know.

    Raises ServerError if the machine has none of them.
    """
    if os.geteuid() != 0:
        return None
    status = folder.stat()
    if status.st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServerError(f"PostgreSQL must not run as root, and there is no user {' or '.join(ACCOUNTS)}: add one")


def give(folder: Path, account: Account) -> None:
    """Make `account` the owner of the folder and of all that is in it."""
    os.chown(folder, *account)
    for base, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(base, name), *account, follow_symlinks=False)
