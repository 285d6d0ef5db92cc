"""Looking at a town from outside, through all that happens to it, until it is at rest."""

from __future__ import annotations

from typing import Any

import asyncpg

from shared.contracts.specs import Spec
from shared.messaging import Bus
from tests.chaos.counting import Streams, read_streams
from tests.chaos.town import Town
from tests.support.clusters import leaderless
from tests.support.processes import Process
from tests.support.programs import person_at
from tests.support.waiting import wait_until


class Watcher:
    """What goes on in the town, and how each gateway shows it."""

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


async def at_rest(town: Town, watcher: Watcher, specs: list[Spec]) -> Streams:
    """No more ticks; wait until all that was begun has ended, and is in Postgres."""
    assert [await scheduler.stop() for scheduler in town.schedulers] == [0, 0]
    everything: list[Streams] = []

    async def settled() -> bool:
        async with leaderless():
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
