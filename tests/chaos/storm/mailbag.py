"""Mail in a storm: campaigns that are launched meanwhile, and what has arrived of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg

from shared.runtime.clock import utc_now
from tests.simulators.smtp import SmtpSimulator
from tests.support.mailing import Mailing, open_mailing

from .slots import DOUBLED, LOST

SENDING = "send_campaign_emails"
SENDING_EVERY = "10s"
PEOPLE = 8
ALLOWED = {"sent": (1, 1), "uncertain": (0, 1)}
"""How often a message in such a state may have arrived. Whatever else becomes of one in a storm, it is lost by that."""
OPEN = ("due", "claimed", "sending", "deferred")


class Mailbag:
    """`launched` are the campaigns of which Postgres has said that they are."""

    def __init__(self, mailing: Mailing) -> None:
        self.launched: list[UUID] = []
        self._mailing = mailing

    async def campaign(self, every_s: float) -> None:
        """Launch a campaign to everybody every so many seconds, for ever."""
        while True:
            self._mailing.time = utc_now()
            try:
                async with asyncio.timeout(every_s):
                    self.launched.append((await self._mailing.campaign()).id)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                pass
            await asyncio.sleep(every_s)

    async def settled(self) -> bool:
        """Whether nothing is left to send. Raises AssertionError with what there is."""
        states = await self._mailing.states()
        begun = await self._mailing.pool.fetchval(
            "SELECT count(*) FROM campaign WHERE state IN ('scheduled', 'sending')"
        )
        assert not begun and not any(states[state] for state in OPEN), f"{states}, {begun} campaigns are under way"
        return True

    async def faults(self) -> list[str]:
        """Everything about mail that is not as promised: a message is sent once, or somebody is told of the doubt."""
        rows = await self._mailing.pool.fetch("SELECT state, message_id, campaign_id FROM delivery")
        arrived = self.arrived
        known = {row["message_id"] for row in rows}
        found = [f"message {message} arrived and nobody knows of it" for message in arrived.keys() - known]
        for row in rows:
            least, most = ALLOWED.get(row["state"], (1, 1))
            times = arrived[row["message_id"]]
            if not least <= times <= most:
                what = LOST if times < least else DOUBLED
                found.append(f"{what}message {row['message_id']} is {row['state']}, and arrived {times} times")
        written = Counter(row["campaign_id"] for row in rows)
        return found + [
            f"campaign {one} has {written[one]} messages to {PEOPLE} people"
            for one in {*self.launched, *written}
            if written[one] != PEOPLE
        ]

    async def uncertain(self) -> int:
        """How many messages nobody knows whether they were sent; a person decides about them."""
        return (await self._mailing.states())["uncertain"]

    @property
    def arrived(self) -> Counter[str]:
        """How often each message has arrived, by its Message-ID."""
        return Counter(str(taken.message["Message-ID"]) for taken in self._mailing.server.messages)


@asynccontextmanager
async def open_mailbag(database_url: str, folder: Path) -> AsyncIterator[Mailbag]:
    """People, and a mail server that keeps what it takes."""
    async with SmtpSimulator() as server, open_mailing(database_url, folder, server) as mailing:
        mailing.time = utc_now()
        await mailing.crowd(PEOPLE, days_left=200)
        yield Mailbag(mailing)
