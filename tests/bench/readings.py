"""What a figure is, how several readings of it become one, and the table and the file in which they end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct


class Reading(Struct, frozen=True, kw_only=True):
    """One value of one figure, beside its limit and its peer's value from the same run.

    `more` says whether more is better. `note` is what a reader must know to judge the value. `taken` is the share (0 to
    1) of the time that the machine's host withheld meanwhile, see `.host`; None: as in the whole round.
    """

    figure: str
    value: float
    unit: str
    limit: float | None = None
    more: bool = False
    peer: str = ""
    peer_value: float | None = None
    note: str = ""
    taken: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None if there is none."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.more else self.value <= self.limit


class Report(Struct, frozen=True, kw_only=True):
    """All medians of one run of the bench, and what it ran on. `spread`: lowest and highest value by figure.

    Each median is of `repeats` rounds, those of `rounds` in which the host took least. `all_rounds`: the median, the
    lowest and the highest of all of them.
    """

    cores: int
    python: str
    repeats: int
    rounds: int
    quick: bool
    readings: tuple[Reading, ...]
    spread: dict[str, tuple[float, float]]
    all_rounds: dict[str, tuple[float, float, float]]


def by_figure(rounds: Iterable[list[Reading]]) -> list[list[Reading]]:
    """The readings of each figure, in all rounds."""
    figures: dict[str, list[Reading]] = {}
    for reading in (reading for readings in rounds for reading in readings):
        figures.setdefault(reading.figure, []).append(reading)
    return list(figures.values())


def least_disturbed(figures: Iterable[list[Reading]], repeats: int) -> list[list[Reading]]:
    """Of each figure the `repeats` readings during which the host took least: chosen by that, never by their value."""
    return [sorted(found, key=lambda reading: reading.taken or 0)[:repeats] for found in figures]


def medians(figures: Iterable[list[Reading]]) -> list[Reading]:
    """The median of each figure's readings, its peer's median beside it."""
    return [_median(readings) for readings in figures]


def spread(figures: Iterable[list[Reading]]) -> dict[str, tuple[float, float]]:
    """The lowest and the highest value of each figure."""
    values = {readings[0].figure: [reading.value for reading in readings] for readings in figures}
    return {figure: (min(found), max(found)) for figure, found in values.items()}


def middle_and_ends(figures: Iterable[list[Reading]]) -> dict[str, tuple[float, float, float]]:
    """The median, the lowest and the highest value of each figure."""
    values = {readings[0].figure: [reading.value for reading in readings] for readings in figures}
    return {figure: (median(found), min(found), max(found)) for figure, found in values.items()}


def table(readings: Iterable[Reading]) -> str:
    """The readings in aligned columns, and the notes below."""
    rows = [("figure", "measured", "limit", "met", "peer", "peer's", "host took")]
    rows += [
        (
            reading.figure,
            f"{shown(reading.value)} {reading.unit}",
            "" if reading.limit is None else shown(reading.limit),
            {None: "", True: "yes", False: "NO"}[reading.met],
            reading.peer,
            "" if reading.peer_value is None else shown(reading.peer_value),
            "" if reading.taken is None else f"{reading.taken:.1%}",
        )
        for reading in readings
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [f"{reading.figure}: {reading.note}" for reading in readings if reading.note]
    return "\n".join([*lines, "", *notes])


def write(report: Report, path: Path) -> None:
    """Write the report as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def percentile(values: Iterable[float], share: float) -> float:
    """The value below or at which `share` (0 to 1) of all values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def shown(value: float) -> str:
    """A value with three significant digits at least, thousands set apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def _median(readings: list[Reading]) -> Reading:
    peers = [reading.peer_value for reading in readings if reading.peer_value is not None]
    taken = [reading.taken for reading in readings if reading.taken is not None]
    return msgspec.structs.replace(
        readings[-1],
        value=median(reading.value for reading in readings),
        peer_value=median(peers) if peers else None,
        taken=median(taken) if taken else None,
    )
