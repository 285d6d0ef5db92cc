"""What a run does before it changes anything, as a process of its own: `python -m tests.bench.planner`.

It loads all servers, keeps them, reconciles them, and writes a line of JSON.
"""

from __future__ import annotations

import os
import sys
import time

import msgspec
import uvloop
from msgspec import Struct

from shared.access.reconcile import reconcile
from shared.access.terms import AccessPolicy
from shared.directory.accessbook import AccessBook
from shared.directory.directory import SCHEMA
from shared.runtime.database import open_pool

from .machine import peak_mb


class Planned(Struct, frozen=True, kw_only=True):
    """How long it took, how much memory the process had at most, and how many accounts are to be changed."""

    load_s: float
    reconcile_s: float
    peak_mb: float
    decisions: int


async def main(url: str) -> None:
    async with open_pool(url, schema=SCHEMA) as pool:
        servers = [row["id"] for row in await pool.fetch("SELECT id FROM server")]
        book = AccessBook(pool)
        began = time.perf_counter()
        servings = [await book.servings(server) for server in servers]
        loaded = time.perf_counter()
        decisions = [decision for server in servings for decision in reconcile(server, AccessPolicy())]
        ended = time.perf_counter()
    planned = Planned(
        load_s=loaded - began, reconcile_s=ended - loaded, peak_mb=peak_mb(os.getpid()), decisions=len(decisions)
    )
    sys.stdout.write(f"planned {msgspec.json.encode(planned).decode()}\n")


if __name__ == "__main__":
    uvloop.run(main(os.environ["SHOWRUNNER_DATABASE_URL"]))
