"""Each part is killed in its turn, under load; afterwards every slot is accounted for once, and every run has ended.

`SHOWRUNNER_CHAOS_ROUNDS` (1) says how often all are killed, `SHOWRUNNER_CHAOS_JOBS` (60) how many quick jobs there are.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.contracts.specs import Spec
from shared.messaging import Bus, connect
from shared.runtime.database import open_pool
from tests.chaos.counting import Streams, faults, read_streams, told
from tests.chaos.town import Town, load
from tests.support.processes import Process, Processes
from tests.support.programs import person_at
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.waiting import wait_until

ROUNDS = int(os.environ.get("SHOWRUNNER_CHAOS_ROUNDS", "1"))
JOBS = int(os.environ.get("SHOWRUNNER_CHAOS_JOBS", "60"))


class Watcher:
    """Looks at the town from outside, through all that happens to it."""

    def __init__(self, town: Town, pool: asyncpg.Pool, bus: Bus) -> None:
        self.town = town
        self.pool = pool
        self.bus = bus

    async def ended(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM run WHERE state = 'finished'"))

    async def goes_on(self, more: int = 40, timeout: float = 40) -> None:
        """Wait until so many more runs have ended."""
        before = await self.ended()

        async def further() -> bool:
            try:
                count = await self.ended()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                raise AssertionError(f"Postgres is away: {error}") from None
            assert count >= before + more, f"{count - before} of {more} more runs have ended"
            return True

        await wait_until(further, timeout, what="the work to go on")

    async def worker_in_a_run(self) -> str:
        """The name of a worker that is in a long run."""

        async def found() -> str | None:
            name = await self.pool.fetchval(
                "SELECT worker FROM run WHERE state = 'running' AND job LIKE 'slow%' AND progress < 0.5 LIMIT 1"
            )
            return None if name is None else str(name)

        return await wait_until(found, what="a worker in a long run")

    async def shown(self) -> list[list[dict[str, Any]]]:
        """The jobs as each gateway shows them, as soon as none shows a run under way."""
        return [await self._shown_by(gateway) for gateway in self.town.gateways]

    async def _shown_by(self, gateway: Process) -> list[dict[str, Any]]:
        async with await person_at(gateway) as person:
            await person.log_in()

            async def at_rest() -> list[dict[str, Any]] | None:
                jobs: list[dict[str, Any]] = (await person.read("/api/jobs?limit=1000"))["jobs"]
                counted = sum(job["run_count"] for job in jobs)
                assert all(job["running"] is None for job in jobs) and counted == await self.ended(), counted
                return jobs

            return await wait_until(at_rest, 20, what="the API to show all runs as ended")


@pytest.fixture
async def town(
    processes: Processes, folder: Path, nats_server: BreakableNats, postgres_server: BreakablePostgres
) -> AsyncIterator[Town]:
    made = Town(processes, folder, nats_server, postgres_server, load(JOBS, JOBS // 10, JOBS // 10))
    await made.ready()
    yield made
    if lost := [one for one in (*made.schedulers, *made.workers, *made.gateways) if one.status not in (None, 0)]:
        pytest.fail(f"{len(lost)} services ended by themselves; the first wrote:\n{lost[0].text[-4000:]}")


@pytest.fixture
async def watcher(town: Town) -> AsyncIterator[Watcher]:
    async with open_pool(town.postgres.url, schema="jobs") as pool, connect(town.nats.url, "watcher") as bus:
        yield Watcher(town, pool, bus)


async def kill_in_turn(town: Town, watcher: Watcher) -> None:
    await town.kill_leader()
    await watcher.goes_on()
    await town.kill_worker(await town.worker_named(await watcher.worker_in_a_run()))
    await watcher.goes_on()
    await town.kill_projector()
    await watcher.goes_on()
    leader = await town.leader()
    leader.signal(signal.SIGSTOP)
    town.schedulers.remove(leader)
    await town.leader()
    leader.signal(signal.SIGCONT)
    town.schedulers.append(leader)
    await watcher.goes_on()
    await town.nats.kill()
    await town.nats.restart()
    await watcher.goes_on()
    await town.postgres.kill()
    await town.postgres.restart()
    await watcher.goes_on()


async def at_rest(town: Town, watcher: Watcher, specs: list[Spec]) -> Streams:
    """No more ticks; wait until all that was begun has ended, and is in Postgres."""
    assert [await scheduler.stop() for scheduler in town.schedulers] == [0, 0]
    everything: list[Streams] = []

    async def settled() -> bool:
        streams = await read_streams(watcher.bus)
        everything[:] = [streams]
        open_runs = streams.runs.keys() - streams.ended.keys()
        assert not open_runs, f"{len(open_runs)} runs have not ended"
        rows = await watcher.pool.fetchval("SELECT count(*) FROM run WHERE state = 'finished' AND trigger IS NOT NULL")
        assert rows == len(streams.runs), f"{rows} of {len(streams.runs)} runs are in Postgres"
        return True

    await wait_until(settled, 40, what="everything to end")
    assert everything[0].events.keys() == {spec.name for spec in specs}
    return everything[0]


@pytest.mark.slow
async def test_after_any_kill_every_slot_is_accounted_for_and_every_run_has_ended(town: Town, watcher: Watcher) -> None:
    began = asyncio.get_running_loop().time()
    await watcher.goes_on()
    for _ in range(ROUNDS):
        await kill_in_turn(town, watcher)
    streams = await at_rest(town, watcher, town.specs)
    found = [
        fault for shown in await watcher.shown() for fault in await faults(watcher.pool, streams, town.specs, shown)
    ]
    seconds = asyncio.get_running_loop().time() - began
    print(f"\nafter {ROUNDS} round(s) of kills in {seconds:.0f} s\n{told(streams, town.specs)}")
    print(f"faults       {len(found):6}")
    assert found == []
