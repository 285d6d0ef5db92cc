"""Calls about who may watch until when."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from shared.access.terms import PersonState
from shared.directory.subscribers import GiftResult, PersonCard, SubscriptionQuery, SubscriptionView

from ..details import LAST_YEAR
from ..store.database import outages_named
from .deciding import basis, decide
from .paging import Limit, uuid_after
from .route import Call, Nothing

Days = Annotated[int, Meta(ge=1, le=3660)]
MOST_GIVEN = 1000


class SubscriptionFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The subscriptions for which all that is given holds; `expiring_before` is after their last day."""

    plan: UUID | None = None
    expiring_before: date | None = None
    limit: Limit = 100
    after: str | None = None


class SubscriptionRow(Struct, frozen=True, kw_only=True):
    person_id: UUID
    person: str
    state: PersonState
    subscription: SubscriptionView


class SubscriptionList(Struct, frozen=True, kw_only=True):
    subscriptions: tuple[SubscriptionRow, ...]
    next: str | None


class SubscriptionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan, a last day, or both. Without `expires_on` it lasts from today as long as the plan says, or for life.

    `keep_present`: what a person has now and the plan does not give, they keep, if nothing was decided about them yet.
    """

    plan_id: UUID | None = None
    expires_on: date | None = None
    for_life: bool = False
    keep_present: bool = True

    def __post_init__(self) -> None:
        if self.for_life and self.expires_on is not None:
            raise ValueError("`for_life` and `expires_on` exclude each other: leave one of them out")
        if self.expires_on is not None and self.expires_on.year > LAST_YEAR:
            raise ValueError(f"`expires_on` is after {LAST_YEAR}: give a subscription `for_life` instead")


class RenewBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For so many days; without `days`, as many as the plan has."""

    days: Days | None = None


class GiftBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    people: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=MOST_GIVEN)]
    days: Days
    note: Annotated[str, Meta(max_length=1000)] = ""


class GiftResults(Struct, frozen=True, kw_only=True):
    results: tuple[GiftResult, ...]


async def list_subscriptions(call: Call, query: SubscriptionFilter) -> SubscriptionList:
    """People's subscriptions, by their last day; those for life at the end."""
    wanted = SubscriptionQuery(
        plan=query.plan,
        expiring_before=query.expiring_before,
        after=uuid_after(query.after),
        limit=query.limit + 1,
    )
    with outages_named():
        found = await call.gateway.membership.subscribed(wanted)
    shown, more = found[: query.limit], len(found) > query.limit
    rows = tuple(
        SubscriptionRow(person_id=card.id, person=card.name, state=card.state, subscription=card.subscription)
        for card in shown
        if card.subscription is not None
    )
    return SubscriptionList(subscriptions=rows, next=str(shown[-1].id) if more else None)


async def subscribe(call: Call, body: SubscriptionBody) -> PersonCard:
    """Give a person a subscription, or another one."""
    membership = call.gateway.membership
    return await decide(
        call,
        "person.subscribe",
        lambda who, on: membership.subscribe(
            who, body.plan_id, body.expires_on, body.keep_present, for_life=body.for_life, **on
        ),
    )


async def unsubscribe(call: Call, _: Nothing) -> PersonCard:
    """Take a person's subscription away."""
    membership = call.gateway.membership
    return await decide(call, "person.unsubscribe", lambda who, on: membership.unsubscribe(who, **on))


async def renew(call: Call, body: RenewBody) -> PersonCard:
    """Renew a person's subscription."""
    membership = call.gateway.membership
    return await decide(call, "person.renew", lambda who, on: membership.renew(who, body.days, **on))


async def gift(call: Call, body: GiftBody) -> GiftResults:
    """Give many people days."""
    with outages_named():
        results = await call.gateway.membership.gift(body.people, body.days, body.note, **await basis(call))
    await call.record("people.gift", f"{len(body.people)} people", None, {"days": body.days, "note": body.note,
                                                                          "results": results})  # fmt: skip
    return GiftResults(results=tuple(results))
