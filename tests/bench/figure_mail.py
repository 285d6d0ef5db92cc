"""A campaign to 10,000 people, pacing off: messages a second, and the worker's memory."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg

from shared.directory.directory import SCHEMA
from shared.directory.mailrecords import CampaignBody
from shared.directory.mailroom import Mailroom
from shared.mail.defaults import default_templates
from shared.mail.terms import MailPolicy
from shared.outside.mail.setup import MailServer
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault
from tests.support.waiting import wait_until

from .client import logged_in
from .house import House, open_house
from .machine import peak_mb
from .mail_sink import Sink
from .readings import Reading, shown

PEOPLE, FEW_PEOPLE = 10_000, 1_000
LIMIT, MEMORY_LIMIT_MB = 300.0, 150.0
JOB = "send_campaign_emails"
WHO = "bench"


async def measure(quick: bool) -> list[Reading]:
    """By Showrunner's own worker, with all that belongs to a run around it."""
    people = FEW_PEOPLE if quick else PEOPLE
    sink = Sink()
    async with open_house() as house:
        address = await house.gateway()
        server = await sink.open()
        async with server:
            await _launched(house, people, sink.port)
            house.scheduler()
            worker = house.worker_of("mail")
            async with logged_in(address, house.password) as client:
                await _begun(client)
                await sink.full(people, 300)
                await _written_down(house, people)
            peak = peak_mb(worker.pid)
    if sink.taken != people or len(sink.recipients) != people:
        raise AssertionError(f"{people} people were sent {sink.taken} messages, at {len(sink.recipients)} addresses")
    seconds = sink.last_at - sink.first_at
    return [
        Reading(
            figure=f"mail to {people:,} people, messages a second",
            value=(people - 1) / seconds,
            unit="/s",
            limit=LIMIT,
            more=True,
            note=f"a page of HTML each, one connection for 100; two commits a message; {shown(seconds)} s in all",
        ),
        Reading(figure="  the worker's memory at most", value=peak, unit="MB", limit=MEMORY_LIMIT_MB),
    ]


async def _launched(house: House, people: int, port: int) -> None:
    template = next(template for template in default_templates() if template.html)
    policy = MailPolicy(
        server=MailServer(host="127.0.0.1", port=port, security="plain", login="none", sender="house@example.org"),
        public_url="https://shows.example.org",
    )
    async with open_pool(house.postgres.url, schema=SCHEMA) as pool:
        await _gather(pool, people)
        mailroom = Mailroom(pool, Vault.from_file(house.folder / "key"), ZoneInfo("UTC"))
        await mailroom.set_policy(policy, WHO)
        body = CampaignBody(name="News", subject=template.subject, text=template.text, html=template.html)
        now = datetime.now(UTC)
        campaign = await mailroom.add_campaign(body, WHO, now)
        await mailroom.launch(campaign.id, WHO, now)


async def _gather(pool: asyncpg.Pool, people: int) -> None:
    rows = [(uuid4(), f"Person {number}", f"person{number}@example.net") for number in range(people)]
    async with pool.acquire() as connection:
        await connection.copy_records_to_table("person", columns=("id", "name", "email"), records=rows)
        await connection.execute("VACUUM ANALYZE")  # as Postgres does by itself, a little later


async def _begun(client: aiohttp.ClientSession) -> None:
    async def asked() -> bool:
        # Until the worker's jobs are known there is nothing to run; its first slot may come by itself.
        async with client.post(f"/api/jobs/{JOB}/run", json={}) as answer:
            return answer.status in (202, 409)

    await wait_until(asked, 30, what="the job in the API")


async def _written_down(house: House, people: int) -> None:
    async with house.database() as database:

        async def closed() -> bool:
            return int(await database.fetchval("SELECT count(*) FROM media.delivery WHERE state = 'sent'")) == people

        await wait_until(closed, 30, what="all messages written down as sent")
