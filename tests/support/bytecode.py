"""Bytecode of the programs that tests and benches start."""

from __future__ import annotations

import os
from pathlib import Path


def keep_bytecode() -> None:
    """Keep it outside the tree, if none is to be kept in it.

    Programs are started hundreds of times, and each would compile all that it imports; where they are installed, none
    does.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parents[2] / ".pytest_cache" / "bytecode")
