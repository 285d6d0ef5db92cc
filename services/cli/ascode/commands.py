"""`export` and `apply`: what was decided on an installation, as one TOML file."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from services.cli.command import Command, UsageError
from services.cli.exits import DONE, FAILED
from services.cli.remote.asking import Asking, remote
from shared.runtime.clock import utc_now

from .applying import Applying
from .checks import complaints
from .comparison import Difference, Drift, differences, drifts
from .course import carry_out
from .document import Document, read_document
from .items import State
from .portrait import exported, tables
from .present import Present, look
from .remembering import applied_marks, remembered
from .showing import as_json, show_differences, show_drifts
from .states import present_state, wanted_state
from .tokens import TokenMissing, token_of
from .wishes import removals, with_tokens, without_decisions


def _apply_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="what `showrunner export` wrote, and somebody changed")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show the difference; exit status 1 if any")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask whether that is meant")
    parser.add_argument("--prune", action="store_true", help="remove what the file's sections do not name")
    parser.add_argument("--tokens", action="store_true", help="give the servers that are there their tokens anew, too")
    parser.add_argument("--unchecked", action="store_true", help="add servers even if they do not answer")


async def _export(asking: Asking) -> int:
    present, screen = await look(asking.api), asking.screen
    if screen.json:
        screen.document(msgspec.json.encode(tables(present)))
    else:
        screen.stream.write(exported(present))
    return DONE


async def _apply(asking: Asking) -> int:
    document = _read(asking.words.file)
    present = await look(asking.api)
    _insist_on_sense(asking, document, present)
    wanted = _wanted(asking, document, present, utc_now())
    found, drifted = _compared(asking, document, present, wanted)
    screen = asking.screen
    if not screen.json:
        if present.applied:
            show_drifts(screen, drifted, present.applied)
        if found:
            show_differences(screen, found)
    if asking.words.dry_run or not found:
        return await _nothing_done(asking, document, present, found, drifted)
    _insist(asking, found)
    applying = Applying(asking.api, document, present, wanted, environ=os.environ, unchecked=asking.words.unchecked)
    done = await carry_out(asking, document, applying, found)
    if screen.json:
        screen.document(as_json(found, drifted, applied=done))
    return DONE if done else FAILED


def _read(name: str) -> Document:
    try:
        return read_document(name, Path(name).read_bytes())
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from None


def _insist_on_sense(asking: Asking, document: Document, present: Present) -> None:
    if wrong := complaints(document, present, _missing_tokens(asking, document, present)):
        raise UsageError(document.told(wrong))


def _missing_tokens(asking: Asking, document: Document, present: Present) -> Mapping[str, str]:
    missing, folder = {}, Path(document.file).parent
    for name, entry in document.servers.items():
        if name not in present.servers or asking.words.tokens:
            try:
                token_of(entry, os.environ, folder)
            except TokenMissing as error:
                missing[name] = str(error)
    return missing


def _wanted(asking: Asking, document: Document, present: Present, now: datetime) -> State:
    wanted = wanted_state(document, present, now)
    return {**wanted, **without_decisions(document, present)} if asking.words.prune else wanted


def _compared(
    asking: Asking, document: Document, present: Present, wanted: State
) -> tuple[list[Difference], list[Drift]]:
    words, applied, stands = asking.words, applied_marks(present), present_state(present)
    remove = removals(document, present) if words.prune else []
    found = differences(stands, wanted, applied, remove=remove)
    if words.tokens:
        found = with_tokens(found, document, present)
    return found, [] if applied is None else drifts(stands, wanted, applied)


async def _nothing_done(
    asking: Asking, document: Document, present: Present, found: list[Difference], drifted: list[Drift]
) -> int:
    screen = asking.screen
    if not asking.words.dry_run and present.applied is None:
        await asking.api.put("/api/applied", items=remembered(present))
    if screen.json:
        screen.document(as_json(found, drifted, applied=False))
    elif not found:
        screen.say("Nothing to do.", "good")
    return FAILED if found else DONE


def _insist(asking: Asking, found: list[Difference]) -> None:
    if asking.words.yes:
        return
    if asking.screen.json or not sys.stdin.isatty():
        raise UsageError("say --yes to apply this without being asked, or --dry-run only to see it")
    if input("Apply this? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise UsageError("nothing was changed")


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        remote("export", "write what was decided as one TOML file", _export),
        remote("apply", "make it so as a TOML file says, the difference shown first", _apply, _apply_arguments),
    )
