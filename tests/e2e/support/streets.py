"""Services as processes of their own, so that one can be killed, and none takes time from a test that measures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.contracts.specs import Spec
from tests.support.databases import Databases
from tests.support.folders import short_folder
from tests.support.gateways import Person
from tests.support.processes import Process, Processes
from tests.support.programs import Programs, leading, person_at
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until


@dataclass(kw_only=True)
class Street:
    """A scheduler, a worker and a gateway, and the administrator as a client of the API."""

    programs: Programs
    nats_url: str
    gateway: Process
    admin: Person

    @property
    def url(self) -> str:
        return self.admin.url

    async def kill_gateway(self) -> None:
        """SIGKILL; its address refuses everybody from then on."""
        await self.gateway.kill()

    async def restart_gateway(self) -> None:
        """Another one at the same address."""
        self.gateway = self.programs.gateway(port=urlsplit(self.url).port or 0)
        await self.gateway.line("gateway_ready")


@asynccontextmanager
async def open_street(databases: Databases, specs: Sequence[Spec]) -> AsyncIterator[Street]:
    """Everything is started, and the gateway knows all jobs."""
    with short_folder() as folder:
        processes = Processes(folder)
        async with BreakableNats(folder / "nats") as nats, databases.fresh() as database_url:
            try:
                programs = Programs(processes, folder, nats.url, database_url)
                scheduler, gateway = programs.scheduler(), programs.gateway()
                programs.worker(specs)
                await leading(scheduler)
                async with await person_at(gateway) as admin:
                    await admin.log_in()
                    await wait_until(lambda: _knows(admin, len(specs)), 30, what="all jobs to be known")
                    yield Street(programs=programs, nats_url=nats.url, gateway=gateway, admin=admin)
            finally:
                processes.end_all()


async def _knows(admin: Person, count: int) -> bool:
    known = len((await admin.read("/api/jobs"))["jobs"])
    assert known == count, f"{known} of {count} jobs are known"
    return True
