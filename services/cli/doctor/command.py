"""The command `doctor`."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path

import msgspec

from services.cli.command import Command
from services.cli.exits import DONE, FAILED
from services.cli.terminal.letters import clean, counted, wrapped
from services.cli.terminal.screen import Screen
from services.cli.terminal.styles import Style

from .findings import Finding, Level

_STYLES: dict[Level, Style] = {"ok": "good", "warning": "warn", "fault": "bad"}
_INDENT = 28


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", default="", metavar="DIR", help="the data folder of `showrunner up`")
    parser.add_argument("--json", action="store_true", help="answer with one JSON document")


def _run(words: Namespace) -> int:
    from shared.runtime.logs import configure_logs

    # What its parts would log is what it says.
    configure_logs("console", "error", "doctor")
    findings = asyncio.run(_examine(words, Screen(json=words.json)))
    return FAILED if any(finding.level == "fault" for finding in findings) else DONE


async def _examine(words: Namespace, screen: Screen) -> list[Finding]:
    # Loaded now, because it brings half of the product with it.
    from .examination import examine

    file = words.config or os.environ.get("SHOWRUNNER_CONFIG")
    findings = []
    async for finding in examine(os.environ, Path(file) if file else None, words.data):
        findings.append(finding)
        if not screen.json:
            show(screen, finding)
    counts = Counter(finding.level for finding in findings)
    if screen.json:
        screen.document(msgspec.json.encode({"findings": findings}))
    screen.say("")
    said = (counted(counts["fault"], "fault"), counted(counts["warning"], "warning"), f"{counts['ok']} as it should be")
    screen.say(f"{', '.join(said)}.")
    return findings


def show(screen: Screen, finding: Finding) -> None:
    """One finding, and below it how to mend it."""
    room = (screen.room or 10_000) - _INDENT
    head = screen.paint(f"{finding.level:<8}", _STYLES[finding.level]) + f"{finding.about:<{_INDENT - 9}} "
    for number, line in enumerate(wrapped(clean(finding.what), room)):
        screen.line((" " * _INDENT if number else head) + line)
    for number, line in enumerate(wrapped(clean(finding.mend), room - 2)):
        screen.line(" " * _INDENT + ("  " if number else "→ ") + line)


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        Command(
            name="doctor",
            does="look at this installation: what is wrong, and how to mend it",
            run=_run,
            arguments=_arguments,
        ),
    )
