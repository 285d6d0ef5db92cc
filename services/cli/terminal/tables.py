"""Tables that fit: columns as wide as their cells, and the elastic ones cut when the terminal is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .letters import clean, cut, pad, width
from .styles import Style, painted

GAP = 2


class Column(NamedTuple):
    """`least` is to how many columns it may be cut when there is no room; 0: it may not."""

    title: str
    least: int = 0
    right: bool = False


class Cell(NamedTuple):
    text: str
    style: Style = ""


Row = Sequence[Cell | str]


def table(columns: Sequence[Column], rows: Sequence[Row], room: int | None, *, colours: bool) -> list[str]:
    """The lines of a table with its titles; `room` is the width of the terminal, None for as wide as it takes."""
    cells = [[_cell(value) for value in row] for row in rows]
    natural = [
        max([width(column.title), *(width(row[number].text) for row in cells)]) for number, column in enumerate(columns)
    ]
    widths = natural if room is None else fitted(columns, natural, room - GAP * (len(columns) - 1))
    titles = [Cell(column.title.upper(), "faint") for column in columns]
    return [_line(columns, row, widths, colours=colours) for row in [titles, *cells]]


def fitted(columns: Sequence[Column], natural: Sequence[int], room: int) -> list[int]:
    """The widths with which the columns fit into the room: the elastic column furthest to the right gives way first."""
    widths, excess = list(natural), sum(natural) - room
    for number, column in reversed(list(enumerate(columns))):
        if column.least and excess > 0:
            given = max(0, min(excess, widths[number] - column.least))
            widths[number] -= given
            excess -= given
    return widths


def _line(columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int], *, colours: bool) -> str:
    parts = []
    for column, cell, columns_wide in zip(columns, row, widths, strict=True):
        text = pad(cut(cell.text, columns_wide), columns_wide, right=column.right)
        parts.append(painted(text, cell.style) if colours and cell.style else text)
    return (" " * GAP).join(parts).rstrip()


def _cell(value: Cell | str) -> Cell:
    return Cell(clean(value)) if isinstance(value, str) else Cell(clean(value.text), value.style)
