"""TOML as people like to read it (toml.io, version 1.0): texts of several lines stay so. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

LINE = 100  # columns
Tables = Mapping[str, Any]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\r": "\\r"}
# In a text of several lines, the quotes that would end it.
_ENDING = re.compile(r'"(?="")|"\Z')


def document(tables: Tables, comments: Mapping[tuple[str, ...], str]) -> str:
    """The tables as a file; what is None is left out. A comment stands above the head of its table, () at the top."""
    top = [f"# {line}".rstrip() for line in comments.get((), "").splitlines()]
    return "\n".join([*top, *_table((), tables, comments)]).lstrip("\n") + "\n"


def inline(value: Any) -> str:
    """A value on one line, but for a text that has several."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case str():
            return _text(value)
        case Mapping():
            return f"{{ {', '.join(f'{key(name)} = {inline(inner)}' for name, inner in value.items())} }}"
        case Sequence():
            return f"[{', '.join(inline(inner) for inner in value)}]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def key(name: str) -> str:
    """A key, in quotes if it needs them."""
    return name if _BARE.fullmatch(name) else _line(name)


def _table(path: tuple[str, ...], table: Tables, comments: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    for name, value in table.items():
        if _is_plain(value):
            yield from _pair(name, value)
    for name, value in table.items():
        inner = (*path, name)
        head = ".".join(key(part) for part in inner)
        if isinstance(value, Mapping):
            yield from _head(f"[{head}]", comments.get(inner, "")) if _needs_head(value) else ()
            yield from _table(inner, value, comments)
        elif _is_tables(value):
            for element in value:
                yield from _head(f"[[{head}]]", "")
                yield from _table(inner, element, comments)


def _pair(name: str, value: Any) -> list[str]:
    line = f"{key(name)} = {inline(value)}"
    if len(line) <= LINE or not isinstance(value, list | tuple):
        return [line]
    return [f"{key(name)} = [", *(f"    {inline(inner)}," for inner in value), "]"]


def _head(head: str, comment: str) -> list[str]:
    return ["", *(f"# {line}" for line in comment.splitlines()), head]


def _needs_head(table: Tables) -> bool:
    return not table or any(_is_plain(value) for value in table.values())


def _is_plain(value: Any) -> bool:
    return value is not None and not isinstance(value, Mapping) and not _is_tables(value)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(inner, Mapping) for inner in value)


def _text(text: str) -> str:
    if "\n" not in text:
        return _line(text)
    return '"""\n' + _ENDING.sub(r'\\"', _escaped(text, kept="\n\t")) + '"""'


def _line(text: str) -> str:
    escaped = _escaped(text, kept="\t").replace('"', '\\"')
    return f'"{escaped}"'


def _escaped(text: str, *, kept: str) -> str:
    return "".join(
        _ESCAPES.get(letter) or (f"\\u{ord(letter):04x}" if _is_control(letter) and letter not in kept else letter)
        for letter in text
    )


def _is_control(letter: str) -> bool:
    return letter < " " or letter == "\x7f"
