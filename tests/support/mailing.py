"""People who are due mail, the jobs that send it, and a mail server that keeps what it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from services.workers.clients.clients import open_clients
from services.workers.door import Handler, JobFailed, Result
from services.workers.mail.jobs import jobs
from services.workers.tools import Tools, tools_over
from shared.access.terms import AccessPolicy
from shared.directory.directory import SCHEMA
from shared.directory.mailrecords import Campaign, CampaignBody, Delivery, DeliveryQuery
from shared.directory.subscribers import PersonBody
from shared.mail.terms import MailPolicy
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault
from tests.simulators.smtp import SmtpSimulator
from tests.support.household import Household
from tests.support.recorded import RecordedRun

WHO = "mara"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOTICES, CAMPAIGNS, INVITATIONS = "send_expiration_emails", "send_campaign_emails", "send_invitation_reminders"


class Mailing:
    """`time` is what the jobs take for now; it stands until it is set."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault, clients: Any, server: SmtpSimulator) -> None:
        self.pool = pool
        self.server = server
        self.time = AT
        self._over = pool, vault, clients
        self.tools = self.another_workers_tools()
        self._jobs = {job.spec.name: job.handler for job in jobs(self.tools)}

    @property
    def today(self) -> date:
        return self.tools.today

    def another_workers_tools(self) -> Tools:
        """What one more worker works with."""
        return tools_over(*self._over, ZoneInfo("UTC"), lambda: self.time)

    def another_worker(self, name: str) -> Handler:
        """What does the job's work in one more worker."""
        return next(job.handler for job in jobs(self.another_workers_tools()) if job.spec.name == name)

    async def set_up(self, **more: Any) -> None:
        """Set mail up, for the mail server."""
        given = {"server": self.server.set_up(), "public_url": "https://shows.example.org", **more}
        await self.tools.mailroom.set_policy(MailPolicy(**given), WHO)

    async def person(self, name: str, *, days_left: int | None = None, **more: Any) -> UUID:
        """Add somebody whose subscription began long ago and has that many days left; without, they have none."""
        body = PersonBody(name=name, **{"email": f"{name.lower()}@example.net", **more})
        person_id = (await self.tools.membership.add_person(body, WHO)).id
        if days_left is not None:
            last_day = self.today + timedelta(days=days_left)
            await self.tools.membership.subscribe(
                person_id, None, last_day, True, by=WHO, today=self.today, policy=AccessPolicy()
            )
        await self.age()
        return person_id

    async def invite(self, name: str, *, days_ago: int) -> UUID:
        """Add somebody who has not accepted the invitation of so many days ago."""
        tools = self.tools
        home = Household(
            pool=self.pool,
            directory=tools.directory,
            membership=tools.membership,
            book=tools.books,
            ledger=tools.ledger,
        )
        await home.server("Attic", {name: ["Films"]}, state="pending", email=f"{name.lower()}@example.net")
        person_id = await home.id(name)
        last_day, policy = self.today + timedelta(days=30), AccessPolicy()
        await tools.membership.subscribe(person_id, None, last_day, True, by=WHO, today=self.today, policy=policy)
        await self.pool.execute("UPDATE person SET state_since = $1", self.time - timedelta(days=days_ago))
        await self.age()
        return person_id

    async def age(self) -> None:
        """Let all that was decided so far be long ago."""
        await self.pool.execute("UPDATE person_event SET at = $1", self.time - timedelta(days=30))

    async def crowd(self, count: int, **more: Any) -> None:
        """So many people with 7 days left."""
        for number in range(count):
            await self.person(f"Person{number}", **{"days_left": 7, **more})

    async def campaign(self, **more: Any) -> Campaign:
        """Launch a campaign to everybody."""
        draft = await self.draft(**more)
        return await self.tools.mailroom.launch(draft.id, WHO, self.time)

    async def draft(self, **more: Any) -> Campaign:
        body = CampaignBody(**{"name": "News", "subject": "News for {{ firstname }}", "text": "Hello.\n", **more})
        return await self.tools.mailroom.add_campaign(body, WHO, self.time)

    async def run(self, name: str, **params: Any) -> tuple[Result, RecordedRun]:
        """Run a job to its end; `params` as `RecordedRun` takes them."""
        run = RecordedRun(name, **params)
        return await self._jobs[name](run), run

    async def fail(self, name: str, **params: Any) -> tuple[JobFailed, RecordedRun]:
        """Run a job that is expected to fail."""
        run = RecordedRun(name, **params)
        try:
            result = await self._jobs[name](run)
        except JobFailed as failure:
            return failure, run
        raise AssertionError(f"{name} was expected to fail, and gave {result}")

    def handler(self, name: str) -> Handler:
        return self._jobs[name]

    async def deliveries(self) -> dict[str, Delivery]:
        """The newest delivery to each, by name."""
        found = await self.tools.mailroom.deliveries(DeliveryQuery(limit=1000))
        return {delivery.name: delivery for delivery in reversed(found)}

    async def states(self) -> Counter[str]:
        """How many deliveries are in which state."""
        return Counter(row["state"] for row in await self.pool.fetch("SELECT state FROM delivery"))

    @property
    def arrived(self) -> Counter[str]:
        """How often each address got a message."""
        return Counter(taken.recipients[0] for taken in self.server.messages)


@asynccontextmanager
async def open_mailing(url: str, folder: Path, server: SmtpSimulator, **more: Any) -> AsyncIterator[Mailing]:
    """All of it over the database at `url`; mail is set up."""
    async with open_pool(url, schema=SCHEMA) as pool, open_clients() as clients:
        mailing = Mailing(pool, Vault.from_file(folder / "key"), clients, server)
        await mailing.set_up(**more)
        yield mailing
