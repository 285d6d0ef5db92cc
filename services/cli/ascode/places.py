"""On which line of a TOML file something stands, which `tomllib` does not tell. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
"""Keys and positions in arrays, from the top down."""


class Complaint(NamedTuple):
    """What is wrong at a place of the file, and how to mend it."""

    path: Path
    text: str


def told(file: str, text: str, complaints: list[Complaint]) -> str:
    """The complaints, one a line, each with its file, line and key."""
    lines = lines_of(text)
    numbered = [(line_of(lines, path), dotted(path), words) for path, words in complaints]
    return "\n".join(f"{file}, line {line}, {key}: {words}" for line, key, words in sorted(numbered))


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of what is there, or of what it would be in."""
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


def lines_of(text: str) -> dict[Path, int]:
    """The line on which each thing of a well-formed file first stands."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        content = tomllib.loads(statement)
        if not statement.lstrip().startswith("["):
            found = list(_paths(table, content))
        else:
            table = _table(content, counts)
            found = [table]
        for path in found:
            for length in range(1, len(path) + 1):
                lines.setdefault(path[:length], line)
    return lines


def dotted(path: Path) -> str:
    """`jobs.sync_plex.interval`; an array's elements are counted from 1, as people do."""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if words else ''}{part}"
    return words


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Heads of tables and keys with their values. A part of one is never well-formed, so its end can be tried for."""
    parts: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        parts.append(f"{line}\n")
        try:
            content = tomllib.loads("".join(parts))
        except tomllib.TOMLDecodeError:
            continue
        if content:
            yield number - len(parts) + 1, "".join(parts)
        parts = []


def _paths(table: Path, content: dict[str, Any]) -> Iterator[Path]:
    for key, value in content.items():
        if isinstance(value, dict) and value:
            yield from _paths((*table, key), value)
        else:
            yield (*table, key)


def _table(content: dict[str, Any], counts: dict[Path, int]) -> Path:
    """Where the head leads: into the newest element of each array of tables on the way."""
    path: Path = ()
    inner: Any = content
    while inner:
        if isinstance(inner, list):
            counts[path] = counts.get(path, 0) + 1
            return (*path, counts[path] - 1)
        (key,) = inner
        path, inner = (*path, key), inner[key]
        if path in counts and isinstance(inner, dict):
            path = (*path, counts[path] - 1)
    return path
