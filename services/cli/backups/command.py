"""The commands `backup` and `restore`."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import msgspec

from services.cli.command import Command, UsageError
from services.cli.database import insist_on_database
from services.cli.embedded.errors import PlaceError
from services.cli.exits import DONE, FAILED, MISSING
from services.cli.remote.address import data_folder
from services.cli.remote.api import part
from services.cli.remote.asking import Asking, run_remote, where_and_how
from services.cli.serving import settings_of
from services.cli.terminal.screen import Screen, complain
from shared.runtime.secrets import Secret
from shared.runtime.settings import Settings

Here = Callable[[Namespace, Settings, Path], Coroutine[Any, Any, bytes]]
There = Callable[[Asking], Awaitable[bytes]]
Tell = Callable[[Screen, bytes], int]


def _backup_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", default="", metavar="DIR", help="the data folder of a Showrunner that is stopped")
    parser.add_argument("--passphrase", action="store_true", help="ask for a passphrase, and seal the key in with it")
    where_and_how(parser)


def _restore_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a backup: its file, or its name in the folder of backups")
    parser.add_argument("--data", default="", metavar="DIR", help="the data folder of a Showrunner that is stopped")
    parser.add_argument("--passphrase", action="store_true", help="ask for the passphrase that brings its key")
    parser.add_argument("--yes", action="store_true", help="do not ask whether that is meant")
    parser.add_argument(
        "--keep-nothing", action="store_true", help="the present state is damaged: do not keep it as a backup first"
    )
    where_and_how(parser)


def _backup(words: Namespace) -> int:
    words.secret = _passphrase(words, again=True)
    return _either(words, _backup_here, _backup_there, _tell_made)


def _restore(words: Namespace) -> int:
    words.secret = _passphrase(words, again=False)
    if not words.yes and not _meant(words.file):
        complain("nothing was done")
        return FAILED
    return _either(words, _restore_here, _restore_there, _tell_restored)


def _either(words: Namespace, here: Here, there: There, tell: Tell) -> int:
    """On this machine's database itself, or, if its Showrunner runs or another one was named, over the API."""

    async def asked(asking: Asking) -> int:
        return tell(asking.screen, await there(asking))

    if words.url or (os.environ.get("SHOWRUNNER_URL") and not words.data):
        return run_remote(asked, words)
    from shared.backups.errors import BackupError, NoSuchBackup
    from shared.runtime.logs import configure_logs

    settings = settings_of(words)
    configure_logs(settings.log, "warning", words.command)
    try:
        answer = asyncio.run(here(words, settings, data_folder(settings, words.data)))
    except PlaceError:
        return run_remote(asked, words)
    except BackupError as error:
        complain(str(error))
        return MISSING if isinstance(error, NoSuchBackup) else FAILED
    return tell(Screen(json=words.json), answer)


async def _backup_here(words: Namespace, settings: Settings, folder: Path) -> bytes:
    from .here import backups_here

    insist_on_database(settings, folder)
    async with backups_here(settings, folder) as backups:
        made = await backups.make("by_hand", words.secret)
        return msgspec.json.encode({"name": made.name, "path": str(backups.shelf.path(made.name)), "size": made.size})


async def _backup_there(asking: Asking) -> bytes:
    return await asking.api.post_long("/api/backups", passphrase=asking.words.secret.reveal() or None)


async def _restore_here(words: Namespace, settings: Settings, folder: Path) -> bytes:
    from .here import backups_here

    async with backups_here(settings, folder) as backups:
        path = _file_meant(words.file) or backups.shelf.path(words.file)
        return msgspec.json.encode(await backups.restore(path, words.secret, keep=not words.keep_nothing))


def _file_meant(text: str) -> Path | None:
    given = Path(text).expanduser()
    return given if given.is_file() else None


async def _restore_there(asking: Asking) -> bytes:
    if asking.words.keep_nothing:
        raise UsageError("--keep-nothing is for a Showrunner that is stopped: stop it first")
    file = _file_meant(asking.words.file)
    name = Path(asking.words.file).name if file is None else await _brought(asking, file)
    return await asking.api.post_long(
        f"/api/backups/{part(name)}/restore", confirm=name, passphrase=asking.words.secret.reveal()
    )


async def _brought(asking: Asking, file: Path) -> str:
    """The name that a file of this machine has there."""
    with await asyncio.to_thread(file.open, "rb") as content:
        taken: Mapping[str, object] = msgspec.json.decode(await asking.api.post_file("/api/backups/file", content))
    return str(taken["name"])


def _tell_made(screen: Screen, answer: bytes) -> int:
    if screen.json:
        screen.document(answer)
    made: Mapping[str, object] = msgspec.json.decode(answer)
    screen.say(f"Backed up: {made.get('path', made['name'])}", "good")
    return DONE


def _tell_restored(screen: Screen, answer: bytes) -> int:
    if screen.json:
        screen.document(answer)
    restored: Mapping[str, object] = msgspec.json.decode(answer)
    screen.say(f"Restored: {restored['backup']}, {restored['rows']} rows.", "good")
    if restored["kept"]:
        screen.say(f"The state before is kept as {restored['kept']}.")
    return DONE


def _meant(file: str) -> bool:
    """Whether a person says so. UsageError: there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError("restoring replaces what the database holds now: say --yes if that is meant")
    return input(f"Put {file} in the place of what the database holds now? [y/N] ").strip().lower() in {"y", "yes"}


def _passphrase(words: Namespace, *, again: bool) -> Secret:
    if not words.passphrase:
        return Secret("")
    if not sys.stdin.isatty():
        return Secret(sys.stdin.readline().rstrip("\n"))
    secret = Secret(getpass.getpass("Passphrase: "))
    if again and secret != Secret(getpass.getpass("Once more: ")):
        raise UsageError("the two passphrases differ")
    return secret


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        Command(name="backup", does="back the database up now", run=_backup, arguments=_backup_arguments),
        Command(
            name="restore", does="put a backup in the place of what is there", run=_restore,
            arguments=_restore_arguments,
        ),
    )  # fmt: skip
