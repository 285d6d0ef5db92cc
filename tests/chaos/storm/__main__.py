"""`python -m tests.chaos.storm --minutes 10 --seed N`: a storm, and the account of it; 1 if it does not agree."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

import structlog
import uvloop

from .house import storm_over
from .telling import table


def main(arguments: Sequence[str] | None = None) -> int:
    """The folder with all logs is kept if anything is wrong."""
    words = _parser().parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="storm-", dir="/tmp"))
    print(f"seed {words.seed}, {words.minutes:g} minutes, logs in {folder}", file=sys.stderr, flush=True)
    _log_to(folder / "checker.log")
    story = uvloop.run(storm_over(folder, words.seed, words.minutes * 60))
    print(table(story))
    if story.faults:
        print(f"{len(story.faults)} faults with --seed {words.seed}: the logs are in {folder}")
        return 1
    if not words.keep:
        shutil.rmtree(folder)
    return 0


def _log_to(file: Path) -> None:
    """What our own half of the libraries has to say in a storm is no news on the screen."""
    logging.basicConfig(filename=file, level=logging.INFO)
    structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, metavar="N", help="how long it lasts (10)")
    parser.add_argument(
        "--seed", type=int, default=SystemRandom().randrange(10**6), metavar="N", help="which storm (any)"
    )
    parser.add_argument("--keep", action="store_true", help="keep the logs even if all is well")
    return parser


if __name__ == "__main__":
    sys.exit(main())
