"""The words that `showrunner` understands, from the table of commands."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser, RawDescriptionHelpFormatter

from services.cli.commands import GROUPS

VERSION = "0.1.0"
_HELP = "(`showrunner COMMAND --help` tells what a command takes; docs/command-line.md has examples and exit statuses)"


def make_parser() -> ArgumentParser:
    """A parser whose words have `command`, a name in the table."""
    parser = ArgumentParser(
        prog="showrunner",
        usage="showrunner [--config FILE] COMMAND …",
        description=_overview(),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"showrunner {VERSION}")
    parser.add_argument("--config", metavar="FILE", help="a TOML file with settings; the environment wins")
    commands = parser.add_subparsers(
        prog="showrunner", dest="command", required=True, metavar="COMMAND", help="one of the above"
    )
    for group in GROUPS.values():
        for command in group:
            word = commands.add_parser(command.name, description=f"{command.does[0].upper()}{command.does[1:]}.")
            command.arguments(word)
    return parser


def _overview() -> str:
    lines = ["The jobs behind Plex and Jellyfin servers, from a terminal."]
    for title, group in GROUPS.items():
        lines += ["", f"{title}:", *(f"  {command.name:<16}{command.does}" for command in group)]
    return "\n".join([*lines, "", *textwrap.wrap(_HELP, 78)])
