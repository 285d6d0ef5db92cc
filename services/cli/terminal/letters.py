"""Text as a terminal shows it: how wide it is, cut to a width, and without what would command the terminal."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"


def clean(text: str) -> str:
    """The text on one line, harmless: a name or a log line from outside must not move the cursor or change a title."""
    return "".join(letter if letter.isprintable() else " " if letter in "\t\n\r" else "\ufffd" for letter in text)


def counted(count: int, thing: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def width(text: str) -> int:
    """How many columns the text takes (Unicode Standard Annex 11: wide letters take two, combining ones none)."""
    if text.isascii():
        return len(text)
    return sum(_width(letter) for letter in text)


def cut(text: str, columns: int) -> str:
    """The text, or as much of it as fits with an ellipsis behind it."""
    if width(text) <= columns:
        return text
    kept, room = "", columns - 1
    for letter in text:
        room -= _width(letter)
        if room < 0:
            break
        kept += letter
    return (kept.rstrip() + ELLIPSIS) if columns > 0 else ""


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """The text with blanks to so many columns; `right` has it stand at the right edge."""
    blanks = " " * (columns - width(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words where that is possible."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and width(line) + 1 + width(word) > columns:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while columns > 1 and width(line) > columns:
            head = cut(line, columns + 1).removesuffix(ELLIPSIS)[:columns] or line[:1]
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line] if line else lines


def _width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
