"""What every decision about a person rests on, and how it is recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.access.terms import AccessPolicy, PersonState
from shared.directory.subscribers import PersonCard, SubscriptionView
from shared.runtime.clock import utc_now

from ..store.database import outages_named
from .route import Call


class Basis(TypedDict):
    """Who decides, on which day in the zone of the settings, and by which policy."""

    by: str
    today: date
    policy: AccessPolicy


class Standing(Struct, frozen=True, kw_only=True):
    """What the audit trail keeps of a person whose access was decided about."""

    state: PersonState
    suspended_why: str
    subscription: SubscriptionView | None


async def basis(call: Call) -> Basis:
    """What a decision rests on that the caller makes now."""
    return Basis(by=call.by, today=today(call), policy=await call.gateway.preferences.access())


def today(call: Call) -> date:
    """The day that it is in the zone of the settings."""
    return utc_now().astimezone(ZoneInfo(call.gateway.board.zone)).date()


async def person(call: Call) -> PersonCard:
    """The person whom the path names. Raises `person_unknown`."""
    with outages_named():
        return await call.gateway.membership.card(call.id("person_unknown"))


async def decide(call: Call, action: str, carry_out: Callable[[UUID, Basis], Awaitable[object]]) -> PersonCard:
    """Have something decided about the person whom the path names, and recorded; the person as they are then."""
    before = await person(call)
    with outages_named():
        await carry_out(before.id, await basis(call))
        after = await call.gateway.membership.card(before.id)
    await call.record(action, str(before.id), standing(before), standing(after))
    return after


def standing(card: PersonCard) -> Standing:
    """What is kept of a person beside a decision about their access."""
    return Standing(state=card.state, suspended_why=card.suspended_why, subscription=card.subscription)
