"""From a job's state to a channel: what decides on alerts, what sends them, and a service that takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from services.gateway.alerts.watch import Watch
from services.gateway.board import Board
from services.workers.clients.clients import open_clients
from services.workers.door import JobFailed, Result
from services.workers.mail.jobs import jobs
from services.workers.tools import Tools, tools_over
from shared.contracts.feed import Run
from shared.contracts.ids import new_run
from shared.contracts.reports import Failure, Outcome
from shared.directory.alertrecords import ALL_NEWS, AlertView, Channel, ChannelWish
from shared.directory.directory import SCHEMA
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault
from tests.simulators.channel import ChannelSimulator
from tests.support.handlers import spec
from tests.support.recorded import RecordedRun

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
WHO = "mara"
MINUTE = timedelta(minutes=1)
TITLE = "Plex synchronization"


@dataclass
class Alerting:
    """A board with one job, a gateway's watch over it, the worker's job, and a service that takes messages."""

    pool: asyncpg.Pool
    tools: Tools
    service: ChannelSimulator
    board: Board
    time: datetime = AT
    finished: int = 0
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = self.another_gateway()

    def another_gateway(self) -> Watch:
        """The watch of a gateway that has just been started."""
        return Watch(self.board, self.tools.alerts, self.tools.preferences)

    def ended(self, outcome: Outcome, reason: str = "Attic does not answer") -> Run:
        """Let a run of the job end so, now."""
        self.finished += 1
        run = Run(
            id=new_run(),
            job="sync_plex",
            category="sync",
            state="finished",
            outcome=outcome,
            number=self.finished,
            error=Failure(code="unreachable", message=reason) if outcome == "failed" else None,
            finished_at=self.time,
        )
        self.board.apply_runs([run])
        return run

    async def look(self) -> list[str]:
        """The kinds of what is news."""
        return [alert.kind for alert in await self.watch.look(self.time)]

    async def channel(self, name: str = "ops", address: str = "", **given: Any) -> Channel:
        """Set up a channel that leads to the service, or elsewhere."""
        wish = ChannelWish(**{"name": name, "service": "JSON", "kinds": ALL_NEWS, "enabled": True, **given})
        return await self.tools.alerts.add_channel(wish, Secret(address or self.service.address), WHO, self.time)

    async def send(self) -> Result:
        """Run the job that sends alerts; `said` is then what a person can read of the run."""
        (handler,) = (job.handler for job in jobs(self.tools) if job.spec.name == "send_alerts")
        return await handler(RecordedRun("send_alerts"))

    async def failure(self) -> str:
        """Run it, expecting that it fails; why."""
        try:
            result = await self.send()
        except JobFailed as failed:
            return failed.message
        raise AssertionError(f"it was expected to fail, and gave {result}")

    async def alerts(self) -> list[AlertView]:
        return await self.tools.alerts.listed(100)

    async def states(self) -> dict[str, str]:
        """By channel, what became of the newest alert."""
        return {sending.channel: sending.state for sending in (await self.alerts())[0].sendings}


@asynccontextmanager
async def open_alerting(postgres: str, folder: Path) -> AsyncIterator[Alerting]:
    """All of it, over this database, for the time of the block."""
    async with open_pool(postgres, schema=SCHEMA) as pool, open_clients() as clients, ChannelSimulator() as service:
        board = Board("b0", "UTC")
        board.load({})
        board.apply_spec("sync_plex", spec("sync_plex", title=TITLE))

        def now() -> datetime:
            return made.time

        tools = tools_over(pool, Vault.from_file(folder / "key"), clients, ZoneInfo("UTC"), now)
        made = Alerting(pool, tools, service, board)
        yield made
