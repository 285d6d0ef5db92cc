"""Writes the documents that are made from the code; with `--check` it only says which have drifted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from tools.contracts.documents import documents, strays

CHECKOUT = Path(__file__).parents[1]
DIFF_LINES = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all is written or nothing has drifted, 1 when something has."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a document is not as the code says"
    )
    return check(CHECKOUT) if parser.parse_args(arguments).check else write(CHECKOUT)


def write(checkout: Path) -> int:
    """Write what differs, and remove what nothing stands behind any more."""
    for path, text in documents(checkout).items():
        if _read(checkout / path) != text:
            (checkout / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout / path).write_text(text)
            print(f"wrote {path}")
    for path in strays(checkout):
        (checkout / path).unlink()
        print(f"removed {path}")
    return 0


def check(checkout: Path) -> int:
    """Tell what `write` would change."""
    drifted = {path: text for path, text in documents(checkout).items() if _read(checkout / path) != text}
    for path, text in drifted.items():
        difference = unified_diff(_read(checkout / path).splitlines(), text.splitlines(), str(path), "as the code says")
        print("\n".join(line.rstrip() for line in islice(difference, DIFF_LINES)))
    stray = strays(checkout)
    if not (drifted or stray):
        return 0
    names = ", ".join(str(path) for path in (*drifted, *stray))
    print(f"Drifted from the code: {names}. Run `make contracts`, read the difference, and commit it.", file=sys.stderr)
    return 1


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
