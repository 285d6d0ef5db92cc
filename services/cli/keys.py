"""`showrunner key`: another key in place of the one that seals tokens and passwords.

A new key goes on top of the key file, and services that run take it up by themselves; then everything is sealed with
it; when the former one is of no more use, it is forgotten. Whatever ends half-way, some key in the file opens each
secret.
"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from services.cli.command import Command, UsageError
from services.cli.database import database_here
from services.cli.exits import DONE, FAILED
from services.cli.remote.address import data_folder
from services.cli.serving import settings_of
from services.cli.terminal.letters import counted
from services.cli.terminal.screen import complain
from shared.runtime.keys import KeyFile, format_key, new_key
from shared.runtime.logs import configure_logs
from shared.runtime.secrets import Vault
from shared.runtime.settings import Settings


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("new", help="print a new key, to put on top of a key file yourself")
    actions.add_parser("rotate", help="put a new key on top of the key file, and seal everything with it")
    actions.add_parser("reseal", help="seal everything with the key that is on top")
    forget = actions.add_parser("forget", help="seal everything with the key that is on top, and drop the former ones")
    forget.add_argument("--yes", action="store_true", help="even where backups need a former key")
    for action in actions.choices.values():
        action.add_argument("--data", default="", metavar="DIR", help="the data folder of `showrunner up`")


def _key(words: Namespace) -> int:
    if words.action == "new":
        print(format_key(new_key()))
        return DONE
    settings = settings_of(words)
    configure_logs(settings.log, "warning", words.command)
    if settings.key and words.action != "reseal":
        raise UsageError(
            "the key is in SHOWRUNNER_KEY: put the output of `showrunner key new` above it there yourself, start the "
            "services anew, run `showrunner key reseal`, and take the former one away"
        )
    return asyncio.run(_ACTIONS[words.action](words, settings))


async def _rotate(words: Namespace, settings: Settings) -> int:
    file = _key_file(words, settings)
    async with database_here(words, settings) as url:
        file.write((new_key(), *file.read()))
        print(f"{file.path} has a new key on top; the former ones still open what they have sealed.")
        return await _resealed(url, Vault.from_file(file.path))


async def _reseal(words: Namespace, settings: Settings) -> int:
    key = settings.secret("key")
    vault = Vault.from_text(key) if key else Vault.from_file(_key_file(words, settings).path)
    async with database_here(words, settings) as url:
        return await _resealed(url, vault)


async def _forget(words: Namespace, settings: Settings) -> int:
    file = _key_file(words, settings)
    newest, *former = file.read()
    if not words.yes and (count := await _backups_of(former, words, settings)):
        complain(
            f"{counted(count, 'backup')} can be restored with a former key only: make a new backup and delete them, or "
            f"keep a copy of {file.path}; then say --yes"
        )
        return FAILED
    async with database_here(words, settings) as url:
        await _resealed(url, Vault.from_file(file.path))
        file.write((newest,))
    print(f"{file.path} has one key now.")
    return DONE


async def _resealed(url: str, vault: Vault) -> int:
    from shared.backups.resealing import reseal

    print(f"{counted(await reseal(url, vault, vault), 'secret')} sealed anew.")
    return DONE


async def _backups_of(keys: Sequence[bytes], words: Namespace, settings: Settings) -> int:
    """How many backups were made with one of these keys, and bring none."""
    from services.cli.wiring import wired
    from shared.backups import archive
    from shared.backups.manifest import fingerprint
    from shared.backups.shelf import Shelf

    marks = {fingerprint(Vault(key)) for key in keys}
    shelf = Shelf(wired(settings, data_folder(settings, words.data), needs=()).backups_folder)
    manifests = [backup.manifest for backup in await asyncio.to_thread(shelf.listed)]
    return sum(found is not None and found.key in marks and archive.KEY not in found.members for found in manifests)


def _key_file(words: Namespace, settings: Settings) -> KeyFile:
    path = Path(settings.key_file) if settings.key_file else data_folder(settings, words.data) / "key"
    if not path.exists():
        raise UsageError(f"there is no key file {path}: name it by SHOWRUNNER_KEY_FILE, or its folder by --data")
    return KeyFile(path)


_ACTIONS = {"rotate": _rotate, "reseal": _reseal, "forget": _forget}


def commands() -> tuple[Command, ...]:
    """The one command."""
    return (
        Command(name="key", does="exchange the key that seals tokens and passwords", run=_key, arguments=_arguments),
    )
