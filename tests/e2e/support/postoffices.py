"""A village with a mail server of its own, which keeps what it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.e2e.support.villages import Village
from tests.simulators.smtp import SmtpSimulator, Taken
from tests.support.waiting import wait_until

BRAND = "Films & Friends"
PUBLIC_URL = "https://films.example.org"
SENDER = "house@example.org"


@dataclass(frozen=True, kw_only=True)
class PostOffice:
    """Mail goes out by hand alone: its jobs are paused."""

    village: Village
    smtp: SmtpSimulator

    async def set_up(self, **policy: Any) -> None:
        """Set mail up for the mail server, or as `policy` has it."""
        server = {"host": self.smtp.host, "port": self.smtp.port, "security": "plain", "login": "none"}
        given = {"server": server | {"sender": SENDER}, "brand_name": BRAND, "public_url": PUBLIC_URL} | policy
        await self.village.ask("PUT", "/api/mail/setup", policy=given)

    async def reader(self, name: str, *, days_left: int | None = None, **more: Any) -> dict[str, Any]:
        """Add somebody with an address, and with so many days left."""
        details = {"name": name, "email": address_of(name)} | more
        person: dict[str, Any] = await self.village.ask("POST", "/api/people", **details)
        if days_left is not None:
            last_day = (date.today() + timedelta(days=days_left)).isoformat()
            await self.village.ask("PUT", f"/api/people/{person['id']}/subscription", expires_on=last_day)
        return person

    async def campaign(self, name: str, people: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """Add a campaign to these people."""
        body = {"name": name, "subject": f"{name}, {{{{ firstname }}}}", "text": "Hello.\n"} | more
        audience = {"people": [person["id"] for person in people]}
        return dict(await self.village.ask("POST", "/api/mail/campaigns", audience=audience, **body))

    async def taken(self, address: str) -> Taken:
        """The first message to an address, as soon as it is there."""

        async def looked() -> Taken | None:
            return next((taken for taken in self.smtp.messages if address in taken.recipients), None)

        return await wait_until(looked, what=f"mail for {address}")


def address_of(name: str) -> str:
    """The address that `reader` gives to somebody of this name."""
    return f"{name.split(maxsplit=1)[0].lower()}@example.net"


@asynccontextmanager
async def open_post_office(village: Village) -> AsyncIterator[PostOffice]:
    """A mail server beside the village, which is not set up to send by it yet."""
    async with SmtpSimulator() as smtp:
        for job in ("send_expiration_emails", "send_campaign_emails", "send_invitation_reminders"):
            await village.ask("POST", f"/api/jobs/{job}/pause")
        yield PostOffice(village=village, smtp=smtp)
