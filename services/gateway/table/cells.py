"""A table as text. Pure.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula and carries it out, so such a cell gets a
quotation mark in front (OWASP, CSV injection); it is taken off again when the table comes back.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

COLUMNS = ("id", "name", "email", "second_email", "language", "notes", "plan", "expires_on", "lifetime")
NEEDED = "name"
MARK = "'"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class BadTable(Exception):
    """The text is not such a table; the message says why."""


class Line(Struct, frozen=True, kw_only=True):
    """One line: the number of the text's line on which it ends, and the cells by their columns, trimmed."""

    number: int
    cells: Mapping[str, str]


def written(rows: Iterable[Mapping[str, str]]) -> str:
    """The table of these rows, with all columns."""
    text = _Text()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(row[column]) for column in COLUMNS] for row in rows)
    return "".join(text.pieces)


def read(text: str) -> list[Line]:
    """The lines of a table. BadTable: no header, a column that is unknown or double, a line that does not fit."""
    # Excel writes a byte order mark; `splitlines` would also part lines where a cell only has a rarer kind of break.
    reader = csv.reader([f"{line}\n" for line in text.removeprefix("\ufeff").split("\n")], strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadTable(f"Line {reader.line_num} can't be read: {error}.") from None
    if not rows:
        raise BadTable("The table is empty: its first line names the columns.")
    (_, header), *others = rows
    columns = _checked([name.strip().lower() for name in header])
    return [Line(number=number, cells=_cells(number, columns, row)) for number, row in others]


def guarded(cell: str) -> str:
    """The cell, so that no spreadsheet takes it for a formula."""
    return MARK + cell if cell.startswith(DANGEROUS) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith(DANGEROUS) else cell


def _checked(columns: list[str]) -> list[str]:
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise BadTable(f"There is no column {unknown[0]!r}: the columns are {', '.join(COLUMNS)}.")
    if double := [name for name in columns if columns.count(name) > 1]:
        raise BadTable(f"The column {double[0]!r} is there twice.")
    if NEEDED not in columns and "id" not in columns:
        raise BadTable("The first line names the columns, and `name` or `id` must be one of them.")
    return columns


def _cells(number: int, columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    if len(row) != len(columns):
        raise BadTable(f"Line {number} has {len(row)} cells; the first line names {len(columns)} columns.")
    return {column: unguarded(cell.strip()) for column, cell in zip(columns, row, strict=True)}


class _Text:
    def __init__(self) -> None:
        self.pieces: list[str] = []

    def write(self, piece: str) -> None:
        self.pieces.append(piece)
