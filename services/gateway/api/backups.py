"""Calls about backups."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from shared.backups.archive import KEY
from shared.backups.backups import Restored
from shared.backups.manifest import Why
from shared.backups.passphrase import SHORTEST
from shared.backups.shelf import Backup
from shared.runtime.secrets import Secret

from .problems import Problem
from .route import Call, Nothing, Stream

Passphrase = Annotated[str, Meta(max_length=1000)]
PIECE = 1024 * 1024  # bytes


class BackupView(Struct, frozen=True, kw_only=True):
    """`size` is in bytes. `brings_key`: a passphrase opens the key in it. `fault` says why it is of no use."""

    name: str
    made_at: datetime
    size: int
    why: Why | None
    version: str
    rows: int
    brings_key: bool
    fault: str


class BackupList(Struct, frozen=True, kw_only=True):
    """The newest first; `folder` is where they are, on the machine of the gateway."""

    backups: tuple[BackupView, ...]
    folder: str


class NewBackup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `passphrase` seals the key in, so that the backup can be restored where the key is lost."""

    passphrase: Annotated[str, Meta(min_length=SHORTEST, max_length=1000)] | None = None


class RestoreBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`confirm` is the name of the backup once more; `passphrase` that with which it was made, if its key is needed."""

    confirm: str
    passphrase: Passphrase = ""


async def list_backups(call: Call, _: Nothing) -> BackupList:
    """All backups."""
    backups = call.gateway.backups
    return BackupList(backups=tuple(map(_view, await backups.listed())), folder=str(backups.shelf.folder))


async def make_backup(call: Call, body: NewBackup) -> BackupView:
    """Make one now."""
    made = _view(await call.gateway.backups.make("by_hand", Secret(body.passphrase or "")))
    await call.record("backup.make", made.name, None, made)
    return made


async def take_backup(call: Call, _: Stream) -> BackupView:
    """Put a file on the shelf that was kept elsewhere."""
    taken = _view(await call.gateway.backups.take_in(call.request.content.iter_chunked(PIECE)))
    await call.record("backup.upload", taken.name, None, taken)
    return taken


async def check_backup(call: Call, _: Nothing) -> BackupView:
    """Read all of one."""
    backups = call.gateway.backups
    backup = backups.shelf.one(call.path["name"])
    await backups.check(backups.shelf.path(backup.name))
    return _view(backup)


async def fetch_backup(call: Call, _: Nothing) -> web.FileResponse:
    """One as a file, to keep it elsewhere."""
    path = call.gateway.backups.shelf.path(call.path["name"])
    return web.FileResponse(path, headers={"Content-Disposition": f'attachment; filename="{path.name}"'})


async def restore_backup(call: Call, body: RestoreBody) -> Restored:
    """Put the state of then in the place of now's."""
    backups, name = call.gateway.backups, call.path["name"]
    path = backups.shelf.path(name)
    if body.confirm != name:
        raise Problem("backup_refused", "`confirm` is not the name of the backup, so nothing was touched.")
    restored = await backups.restore(path, Secret(body.passphrase))
    # Who may do what is as it was then: nobody goes on with what was true before.
    call.gateway.sessions.forget()
    call.gateway.tokens.forget()
    await call.record("backup.restore", name, None, restored)
    return restored


async def remove_backup(call: Call, _: Nothing) -> None:
    """Delete one."""
    backup = _view(call.gateway.backups.shelf.one(call.path["name"]))
    call.gateway.backups.shelf.remove(backup.name)
    await call.record("backup.remove", backup.name, backup, None)


def _view(backup: Backup) -> BackupView:
    told = backup.manifest
    return BackupView(
        name=backup.name,
        made_at=backup.made_at,
        size=backup.size,
        why=told.why if told else None,
        version=told.version if told else "",
        rows=told.rows if told else 0,
        brings_key=KEY in told.members if told else False,
        fault=backup.fault,
    )
