"""Calls about single messages, what became of them, and who wants none."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, structs

from shared.directory.mailrecords import Delivery, DeliveryQuery
from shared.mail.terms import DeliveryState, Kind
from shared.runtime.clock import utc_now

from ..store.database import outages_named
from .deciding import person
from .paging import Limit, uuid_after
from .route import Call, Nothing


class DeliveryFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The deliveries for which all that is given holds.

    `text` is looked for in names, addresses, subjects and the mail server's answers.
    """

    text: Annotated[str, Meta(max_length=200)] = ""
    state: DeliveryState | None = None
    kind: Kind | None = None
    person: UUID | None = None
    campaign: UUID | None = None
    limit: Limit = 100
    after: str | None = None


class DeliveryList(Struct, frozen=True, kw_only=True):
    """`total` counts all deliveries that the filter finds."""

    deliveries: tuple[Delivery, ...]
    total: int
    next: str | None


class PersonMail(Struct, frozen=True, kw_only=True):
    """Whether somebody gets campaigns; if not, since when and how they unsubscribed. Notices they always get."""

    campaigns: bool
    unsubscribed_at: datetime | None = None
    unsubscribed_how: str = ""


class PersonMailBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether somebody is to get campaigns, as they have asked for."""

    campaigns: bool


async def list_deliveries(call: Call, query: DeliveryFilter) -> DeliveryList:
    """Messages, the newest first, and how many there are in all."""
    values = structs.asdict(query) | {"after": uuid_after(query.after), "limit": query.limit + 1}
    wanted = DeliveryQuery(**values)
    with outages_named():
        found = await call.gateway.mailroom.deliveries(wanted)
        total = await call.gateway.mailroom.count_deliveries(wanted)
    shown, more = found[: query.limit], len(found) > query.limit
    return DeliveryList(deliveries=tuple(shown), total=total, next=str(shown[-1].id) if more else None)


async def show_delivery(call: Call, _: Nothing) -> Delivery:
    """One message."""
    return await _delivery(call)


async def resend_delivery(call: Call, _: Nothing) -> Delivery:
    """Have a message sent again, whatever became of it."""
    before = await _delivery(call)
    with outages_named():
        after = await call.gateway.mailroom.resend(before.id, call.by, utc_now())
    await call.record("delivery.resend", str(before.id), _kept(before), _kept(after))
    return after


async def show_person_mail(call: Call, _: Nothing) -> PersonMail:
    """Whether a person gets campaigns."""
    return await _person_mail(call, (await person(call)).id)


async def change_person_mail(call: Call, body: PersonMailBody) -> PersonMail:
    """Send a person campaigns again, or no more."""
    person_id, room = (await person(call)).id, call.gateway.mailroom
    before = await _person_mail(call, person_id)
    with outages_named():
        if body.campaigns:
            await room.resubscribe(person_id)
        else:
            await room.unsubscribe(person_id, call.by, utc_now())
    after = await _person_mail(call, person_id)
    await call.record("person.mail", str(person_id), before, after)
    return after


async def _delivery(call: Call) -> Delivery:
    with outages_named():
        return await call.gateway.mailroom.delivery(call.id("delivery_unknown"))


async def _person_mail(call: Call, person_id: UUID) -> PersonMail:
    with outages_named():
        found = await call.gateway.mailroom.unsubscribed(person_id)
    if found is None:
        return PersonMail(campaigns=True)
    return PersonMail(campaigns=False, unsubscribed_at=found.at, unsubscribed_how=found.how)


def _kept(delivery: Delivery) -> dict[str, object]:
    """What the audit trail keeps of a message: to whom, and what became of it."""
    return {"key": delivery.key, "address": delivery.address, "state": delivery.state, "answer": delivery.answer}
