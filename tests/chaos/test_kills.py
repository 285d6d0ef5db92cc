"""Each part is killed in its turn, under load; afterwards every slot is accounted for once, and every run has ended.

`SHOWRUNNER_CHAOS_ROUNDS` (1) says how often all are killed, `SHOWRUNNER_CHAOS_JOBS` (60) how many quick jobs there are.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.messaging import connect
from shared.runtime.database import open_pool
from tests.chaos.counting import faults, told
from tests.chaos.town import Town, load
from tests.chaos.watching import Watcher, at_rest
from tests.support.processes import Processes
from tests.support.servers import BreakableNats, BreakablePostgres

ROUNDS = int(os.environ.get("SHOWRUNNER_CHAOS_ROUNDS", "1"))
JOBS = int(os.environ.get("SHOWRUNNER_CHAOS_JOBS", "60"))


@pytest.fixture
async def town(
    processes: Processes, folder: Path, nats_server: BreakableNats, postgres_server: BreakablePostgres
) -> AsyncIterator[Town]:
    made = Town(processes, folder, nats_server.url, postgres_server.url, load(JOBS, JOBS // 10, JOBS // 10))
    await made.ready()
    yield made
    made.assert_nobody_lost()


@pytest.fixture
async def watcher(town: Town, nats_server: BreakableNats, postgres_server: BreakablePostgres) -> AsyncIterator[Watcher]:
    async with open_pool(postgres_server.url, schema="jobs") as pool, connect(nats_server.url, "watcher") as bus:
        yield Watcher(town, pool, bus)


async def kill_in_turn(town: Town, watcher: Watcher, nats: BreakableNats, postgres: BreakablePostgres) -> None:
    await town.kill_leader()
    await watcher.goes_on()
    await town.kill_worker(await town.worker_named(await watcher.worker_in_a_run()))
    await watcher.goes_on()
    await town.kill_projector()
    await watcher.goes_on()
    leader = await town.leader()
    leader.pause()
    town.schedulers.remove(leader)
    await town.leader()
    leader.resume()
    town.schedulers.append(leader)
    await watcher.goes_on()
    await nats.kill()
    await nats.restart()
    await watcher.goes_on()
    await postgres.kill()
    await postgres.restart()
    await watcher.goes_on()


@pytest.mark.slow
async def test_after_any_kill_every_slot_is_accounted_for_and_every_run_has_ended(
    town: Town, watcher: Watcher, nats_server: BreakableNats, postgres_server: BreakablePostgres
) -> None:
    began = asyncio.get_running_loop().time()
    await watcher.goes_on()
    for _ in range(ROUNDS):
        await kill_in_turn(town, watcher, nats_server, postgres_server)
    streams = await at_rest(town, watcher, town.specs)
    found = [
        fault for shown in await watcher.shown() for fault in await faults(watcher.pool, streams, town.specs, shown)
    ]
    seconds = asyncio.get_running_loop().time() - began
    print(f"\nafter {ROUNDS} round(s) of kills in {seconds:.0f} s\n{told(streams, town.specs)}")
    print(f"faults       {len(found):6}")
    assert found == []
