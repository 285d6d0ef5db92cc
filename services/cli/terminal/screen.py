"""Where a command writes: tables and sentences for people, or one JSON document for a program."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

import msgspec

from .letters import clean, cut, wrapped
from .styles import Style, painted
from .tables import Cell, Column, Row, table

_LABEL = 14


def complain(text: str) -> None:
    """A sentence on standard error, broken between words where that is a terminal."""
    lines = str(text).splitlines() or [""]
    if sys.stderr.isatty():
        lines = [part for line in lines for part in wrapped(f"showrunner: {line}", shutil.get_terminal_size().columns)]
    else:
        lines = [f"showrunner: {line}" for line in lines]
    print("\n".join(lines), file=sys.stderr, flush=True)


class Screen:
    """Standard output as it is. `json` asks for JSON; colours are for terminals, and off by NO_COLOR (no-color.org)."""

    def __init__(self, *, json: bool, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self.json = json
        self.stream = stream or sys.stdout
        self.is_terminal = self.stream.isatty()
        self.colours = self.is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        self._columns_told = environ.get("COLUMNS", "").isdecimal()

    @property
    def room(self) -> int | None:
        """The width in columns; None where nothing need be cut, as in a file."""
        if not (self.is_terminal or self._columns_told):
            return None
        return shutil.get_terminal_size().columns

    @property
    def height(self) -> int:
        """The lines of the terminal."""
        return shutil.get_terminal_size().lines

    def document(self, answer: bytes) -> None:
        """JSON for a program, indented."""
        self.stream.write(msgspec.json.format(answer, indent=2).decode() + "\n")
        self.stream.flush()

    def json_line(self, answer: bytes) -> None:
        """One of a sequence of JSON documents, each on a line of its own."""
        self.stream.write(answer.decode() + "\n")
        self.stream.flush()

    def line(self, text: str = "") -> None:
        """A line, as it is: what comes from outside must be clean."""
        self.stream.write(text + "\n")
        self.stream.flush()

    def say(self, text: str, style: Style = "") -> None:
        """A sentence for people, broken between words; nothing where a program reads."""
        if self.json:
            return
        cleaned = clean(text)
        for line in wrapped(cleaned, self.room) if self.room else [cleaned]:
            self.line(self.paint(line, style))

    def paint(self, text: str, style: Style) -> str:
        """The text in the style's colour, if there are colours."""
        return painted(text, style) if self.colours else text

    def table(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """A table; nothing when it has no rows."""
        if not rows:
            return
        for line in table(columns, rows, self.room, colours=self.colours):
            self.line(line)

    def facts(self, facts: Mapping[str, Cell | str]) -> None:
        """Names and values, one a line or more; what has no value is left out."""
        label = max(_LABEL, *(len(name) + 2 for name in facts))
        for name, value in facts.items():
            cell = Cell(value) if isinstance(value, str) else value
            text = clean(cell.text)
            lines = wrapped(text, self.room - label) if self.room else [text]
            for number, line in enumerate(lines if text else []):
                head = self.paint(f"{'' if number else name:<{label}}", "faint")
                self.line(head + self.paint(line, cell.style))

    def rewrite(self, text: str) -> None:
        """Write over the present line of the terminal."""
        self.stream.write("\r" + cut(text, (self.room or 80) - 1) + "\x1b[K")
        self.stream.flush()

    def wipe(self) -> None:
        """Take back what `rewrite` wrote."""
        self.stream.write("\r\x1b[K")
        self.stream.flush()
