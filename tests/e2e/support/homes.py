"""A house that several tests live in, one after another, and leave as they found it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.workers.door import Job
from tests.e2e.support.jobs import Gate, household, neighbours
from tests.support.databases import Databases
from tests.support.folders import short_folder
from tests.support.gateways import PASSWORD, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until


@dataclass(frozen=True, kw_only=True)
class Home:
    """Services with their jobs, the address of the page, and the administrator as a client of the API."""

    url: str
    admin: Person
    gate: Gate

    async def jobs(self) -> list[dict[str, Any]]:
        """All jobs as the API tells them, the advanced ones too."""
        answer = await self.admin.read("/api/jobs?advanced=true")
        return list(answer["jobs"])

    async def job(self, name: str, holds: Callable[[dict[str, Any]], object] = bool) -> dict[str, Any]:
        """A job, as soon as `holds` is true of it."""

        async def looked() -> dict[str, Any] | None:
            answer: dict[str, Any] = await self.admin.read(f"/api/jobs/{name}")
            assert holds(answer), answer
            return answer

        return await wait_until(looked, what=f"{name} to be so")

    async def run(self, name: str) -> str:
        """Run a job to its end; the id of the run."""
        status, answer = await self.admin.post(f"/api/jobs/{name}/run")
        assert status == 202, answer
        run = str(answer["run_id"])
        await self.job(name, lambda job: not job["running"] and job["last_run"] and job["last_run"]["id"] == run)
        return run

    async def let_in(self) -> bool:
        """Whether the administrator's right password opens the door."""
        status, _ = await self.admin.post("/api/session", account="admin", password=PASSWORD)
        return status == 200

    async def tidy(self) -> None:
        """Nothing runs any more, and every job is on the schedule that it was announced with."""
        self.gate.open()
        for job in await self.jobs():
            path = f"/api/jobs/{job['name']}"
            if job["paused"]:
                await self.admin.post(f"{path}/resume")
            if not job["enabled"]:
                await self.admin.post(f"{path}/enable")
            if job["schedule"]["overridden"]:
                await self.admin.delete(f"{path}/schedule")
        await wait_until(self._at_rest, what="all runs to end")
        self.gate.close()

    async def _at_rest(self) -> bool:
        return not any(job["running"] for job in await self.jobs())


@asynccontextmanager
async def open_home(databases: Databases, *workers: tuple[Job, ...]) -> AsyncIterator[Home]:
    """A scheduler, a gateway and workers, by default those of `household` and `neighbours`, that know one another."""
    gate = Gate()
    workers = workers or (household(gate), neighbours())
    with short_folder() as folder:
        async with (
            BreakableNats(folder / "nats") as nats,
            databases.fresh() as database_url,
            house(nats.url, database_url, folder) as services,
        ):
            await services.scheduler()
            for jobs in workers:
                await services.worker(*jobs)
            admin, _ = await services.gateway()
            await admin.log_in()
            await _all_known(admin, sum(map(len, workers)))
            yield Home(url=admin.url, admin=admin, gate=gate)


async def _all_known(admin: Person, count: int) -> None:
    async def known() -> bool:
        answer = await admin.read("/api/jobs?advanced=true")
        return answer["scheduler"]["state"] == "leading" and len(answer["jobs"]) == count

    await wait_until(known, what="a leading scheduler and all jobs")
