"""`python -m tests.bench`: measure the figures, each beside its limit and its peer; a table here, JSON in a file."""

from __future__ import annotations

import argparse
import gc
import platform
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import uvloop
from msgspec.structs import replace

from tests.support.bytecode import keep_bytecode

from . import (
    figure_catching_up,
    figure_idle,
    figure_lateness,
    figure_mail,
    figure_manual,
    figure_planning,
    figure_requests,
    figure_runs,
    figure_streams,
    figure_userdata,
)
from .host import Host
from .machine import cores
from .readings import Reading, Report, by_figure, least_disturbed, medians, middle_and_ends, spread, table, write

FIGURES: dict[str, Callable[[bool], Coroutine[Any, Any, list[Reading]]]] = {
    "runs": figure_runs.measure,
    "manual": figure_manual.measure,
    "lateness": figure_lateness.measure,
    "catching_up": figure_catching_up.measure,
    "requests": figure_requests.measure,
    "streams": figure_streams.measure,
    "planning": figure_planning.measure,
    "mail": figure_mail.measure,
    "idle": figure_idle.measure,
    "userdata": figure_userdata.measure,
}
RESULTS = "bench-results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 when a figure misses its limit."""
    words = _parser().parse_args(arguments)
    keep_bytecode()
    count = max(words.of, words.repeat)
    rounds: list[list[Reading]] = []
    # A pause of the instrument's would count as lateness of what it measures.
    gc.collect()
    gc.disable()
    for name in words.only or list(FIGURES):
        for number in range(1, count + 1):
            print(f"{name}, {number} of {count}", file=sys.stderr, flush=True)
            rounds.append(_round(name, words.quick))
    figures = by_figure(rounds)
    chosen = least_disturbed(figures, words.repeat)
    readings = medians(chosen)
    of = f" of {count} rounds, those in which the host took least" if count > words.repeat else ""
    print(f"\n{cores()} cores, Python {platform.python_version()}, medians of {words.repeat}{of}\n\n{table(readings)}")
    report = Report(
        cores=cores(),
        python=platform.python_version(),
        repeats=words.repeat,
        rounds=count,
        quick=words.quick,
        readings=tuple(readings),
        spread=spread(chosen),
        all_rounds=middle_and_ends(figures),
    )
    write(report, words.results)
    return int(any(reading.met is False for reading in readings))


def _round(name: str, quick: bool) -> list[Reading]:
    host = Host()
    readings = uvloop.run(FIGURES[name](quick))
    taken = host.taken()
    return [reading if reading.taken is not None else replace(reading, taken=taken) for reading in readings]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=FIGURES, metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="how often each is measured (5)")
    parser.add_argument(
        "--of",
        type=int,
        default=0,
        metavar="N",
        help="measure each N times, and take those times in which the machine's host gave least of it to others",
    )
    parser.add_argument("--quick", action="store_true", help="smaller loads and shorter windows: a look, not a figure")
    parser.add_argument("--results", type=Path, default=Path(RESULTS), metavar="FILE", help=f"the JSON ({RESULTS})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
