"""A household that has a mailroom, and messages in it at every stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.directory.mailrecords import (
    CampaignBody,
    Claimant,
    Delivery,
    DeliveryQuery,
    Opening,
    Outgoing,
)
from shared.directory.mailroom import Mailroom
from shared.directory.subscribers import PersonBody
from shared.mail.terms import Due, Kind, MailPerson, MailPolicy, TemplateBody
from shared.outside.mail.setup import MailServer
from shared.runtime.secrets import Vault
from tests.support.household import Household, open_household

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
A_WHILE = timedelta(hours=1)
SERVER = MailServer(host="mail.example.org", port=25, security="plain", login="none", sender="shows@example.org")
ALL: tuple[Kind, ...] = get_args(Kind)
BODY = TemplateBody(event="before_expiry", days=14, language="en", subject="Soon", text="{{ days_left }} days")


class House(Struct, frozen=True):
    """A household that has a mailroom, with mail set up."""

    home: Household
    room: Mailroom
    vault: Vault

    async def person(self, name: str, **more: Any) -> UUID:
        body = PersonBody(name=name, **{"email": f"{name.lower()}@example.org", **more})
        return (await self.home.membership.add_person(body, "ada")).id

    async def of(self, person_id: UUID, at: datetime) -> MailPerson:
        return await self.room.person_for_mail(person_id, at)

    async def found(self, key: str) -> Delivery:
        (delivery,) = [one for one in await self.room.deliveries(DeliveryQuery(limit=1000)) if one.key == key]
        return delivery

    async def states(self) -> dict[str, str]:
        return {one.key: one.state for one in await self.room.deliveries(DeliveryQuery(limit=1000))}

    async def campaign(self, **more: Any) -> UUID:
        body = CampaignBody(**{"name": "News", "subject": "News", "text": "Hello {{ firstname }}", **more})
        return (await self.room.add_campaign(body, "ada", AT)).id


@asynccontextmanager
async def open_mailroom(url: str, folder: Path) -> AsyncIterator[House]:
    """A household in the database at `url`, with mail set up."""
    async with open_household(url, folder) as home:
        vault = Vault.from_file(folder / "key")
        room = Mailroom(home.pool, vault, ZoneInfo("Europe/Paris"))
        await room.set_policy(MailPolicy(server=SERVER, public_url="https://shows.example.org"), "ada")
        yield House(home, room, vault)


def attempt(number: int = 1, run: UUID | None = None) -> Claimant:
    return Claimant(run or uuid4(), number)


def notice(key: str, person_id: UUID, template_id: UUID, **more: Any) -> Due:
    usual = {"event": "expired", "days": 0, "name": "Kim", "address": "kim@example.org", "language": "en"}
    return Due(key=key, person_id=person_id, template_id=template_id, **{**usual, **more})


async def planned(house: House, *keys: str, **more: Any) -> tuple[UUID, UUID]:
    """These notices to Kim; the person and the template."""
    person_id = await house.person("Kim")
    template_id = (await house.room.templates())[0].id
    await house.room.plan([notice(key, person_id, template_id, **more) for key in keys], AT)
    return person_id, template_id


async def claimed(house: House, who: Claimant, limit: int = 100, at: datetime = AT, **more: Any) -> list[Outgoing]:
    return await house.room.claim(who, limit, at, kinds=ALL, **more)


def opening(one: Outgoing, subject: str = "Hello") -> Opening:
    return Opening(id=one.id, subject=subject, message_id=f"<{one.id}@example.org>")
