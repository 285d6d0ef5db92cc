"""The call that tells how much of the time a media server was up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from shared.directory.availability import DayShare, Spell, availability, first_moment
from shared.runtime.clock import utc_now

from ..store.database import outages_named
from .route import Call

MOST_SPELLS = 100


class Period(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days, today included."""

    days: Annotated[int, Meta(ge=1, le=366)] = 30


class ServerAvailability(Struct, frozen=True, kw_only=True):
    """`up_share` (0 to 1) is of the time that is known; null: nothing is known. Days are those of the settings' zone,
    the oldest first. `spells`: how it was, the newest first, at most 100."""

    since: datetime
    up_share: float | None
    days: tuple[DayShare, ...]
    spells: tuple[Spell, ...]


async def show_availability(call: Call, period: Period) -> ServerAvailability:
    """How much of the time a media server was up, day by day."""
    now, zone = utc_now(), ZoneInfo(call.gateway.board.zone)
    server_id = call.id("server_unknown")
    with outages_named():
        spells = await call.gateway.directory.spells(server_id, first_moment(now, period.days, zone))
    found = availability(spells, now, period.days, zone)
    return ServerAvailability(
        since=found.since, up_share=found.up_share, days=found.days, spells=tuple(spells[:MOST_SPELLS])
    )
