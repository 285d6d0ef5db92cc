"""The run that a call names, waited for if it was asked for just now: whoever reads what they wrote, finds it."""

from __future__ import annotations

import asyncio
from uuid import UUID

from shared.contracts.feed import Run
from shared.contracts.ids import made_at
from shared.runtime.clock import utc_now

from ..context import Gateway
from ..store import runs
from .problems import Problem
from .route import Call

NEW_S = 5.0
"""How long a run may take from the scheduler's yes to its row in Postgres; after that it is unknown."""


async def wanted_run(call: Call) -> Run:
    """The run that the path names. Raises `run_unknown`."""
    id = call.id("run_unknown")
    run = await runs.find(call.gateway.database, id) or await _awaited(call.gateway, id)
    if run is None:
        raise Problem("run_unknown")
    return run


async def _awaited(gateway: Gateway, id: UUID) -> Run | None:
    left_s = NEW_S - abs((utc_now() - made_at(id)).total_seconds())
    if left_s <= 0:
        return None
    with gateway.run_watch.watching(id) as changed:
        try:
            async with asyncio.timeout(left_s):
                while (run := await runs.find(gateway.database, id)) is None:
                    await changed.wait()
                    changed.clear()
                return run
        except TimeoutError:
            return None
