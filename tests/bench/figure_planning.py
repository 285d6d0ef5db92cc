"""How long the plan for 10,000 people on three servers takes, and how much memory."""

from __future__ import annotations

import asyncpg
import msgspec

from shared.directory.directory import SCHEMA, migrate_media

from .crowd import KINDS, LIBRARIES, PEOPLE, gather
from .house import open_house
from .planner import Planned
from .readings import Reading, shown

LIMIT_S, MEMORY_LIMIT_MB = 2.0, 300.0


async def measure(quick: bool) -> list[Reading]:
    """From the first query to the last decision, in a process that has done nothing before. `quick` is no quicker."""
    async with open_house() as house:
        differing = await _filled(house.postgres.url)
        env = {"SHOWRUNNER_DATABASE_URL": house.postgres.url}
        process = house.processes.python("-m", "tests.bench.planner", env=env)
        line = await process.line(r"^planned (.*)$", 120)
    planned = msgspec.json.decode(line[1], type=Planned)
    if planned.decisions != differing:
        raise AssertionError(
            f"{differing} accounts are not as they should be, but the plan changes {planned.decisions}"
        )
    return [
        Reading(
            figure=f"plan for {PEOPLE:,} people x {len(KINDS)} servers x {LIBRARIES} libraries",
            value=planned.load_s + planned.reconcile_s,
            unit="s",
            limit=LIMIT_S,
            note=f"{shown(planned.load_s)} s to load, {shown(planned.reconcile_s)} s to reconcile, "
            f"{planned.decisions} accounts to change",
        ),
        Reading(
            figure="  its memory at most",
            value=planned.peak_mb,
            unit="MB",
            limit=MEMORY_LIMIT_MB,
        ),
    ]


async def _filled(url: str) -> int:
    await migrate_media(url)
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    try:
        return await gather(connection)
    finally:
        await connection.close()
