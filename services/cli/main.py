"""`showrunner`: everything on this machine, one service of it, or a look at the settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop

from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.place import default_folder, may_use_system_folder
from services.cli.single import run_gateway, run_scheduler, run_worker
from services.cli.up import up
from services.cli.workers import CATEGORIES
from shared.runtime.database import DatabaseError
from shared.runtime.logs import configure_logs
from shared.runtime.secrets import VaultError
from shared.runtime.settings import Settings, SettingsError, read_settings

VERSION = "0.1.0"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 after a clean stop, 1 when something has to be mended, 2 for words that are not understood."""
    words = _parser().parse_args(arguments)
    try:
        file = words.config or os.environ.get("SHOWRUNNER_CONFIG")
        settings = read_settings(os.environ, Path(file) if file else None)
        return _run(words, settings)
    except (SettingsError, EmbeddedError, DatabaseError, VaultError) as error:
        print(f"showrunner: {error}", file=sys.stderr)
        return 1
    except BaseExceptionGroup as group:
        print(f"showrunner: {_first(group)}", file=sys.stderr)
        return 1


def _run(words: argparse.Namespace, settings: Settings) -> int:
    if words.command == "settings":
        for name, value in settings.shown().items():
            print(f"SHOWRUNNER_{name.upper():16} {value}")
        return 0
    configure_logs(settings.log, settings.log_level, words.command)
    if words.command == "up":
        uvloop.run(up(settings, _folder(words.data or settings.data)))
    elif words.command == "scheduler":
        uvloop.run(run_scheduler(settings))
    elif words.command == "worker":
        uvloop.run(run_worker(settings, words.category))
    else:
        uvloop.run(run_gateway(settings))
    return 0


def _folder(chosen: str) -> Path:
    if chosen:
        return Path(chosen)
    return default_folder(os.environ, home=Path.home(), platform=sys.platform, system=may_use_system_folder())


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="showrunner", description=__doc__)
    parser.add_argument("--version", action="version", version=f"showrunner {VERSION}")
    parser.add_argument("--config", metavar="FILE", help="a TOML file with settings; the environment wins")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    everything = commands.add_parser("up", help="run everything on this machine")
    everything.add_argument("--data", metavar="DIR", help="the folder in which all data is kept")
    commands.add_parser("scheduler", help="run a scheduler; of several, one leads")
    worker = commands.add_parser("worker", help="run a worker of one category; several share its work")
    worker.add_argument("category", choices=sorted(CATEGORIES), metavar="CATEGORY", help=", ".join(sorted(CATEGORIES)))
    commands.add_parser("gateway", help="run a gateway: the API, the live feed and the page")
    commands.add_parser("settings", help="list all settings with their present values")
    return parser


if __name__ == "__main__":
    sys.exit(main())
