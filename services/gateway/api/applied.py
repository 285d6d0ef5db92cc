"""Calls about the file that was applied last: what it left, so that the next apply can tell what was changed since."""

from __future__ import annotations

from msgspec import Struct

from shared.directory.applied import Applied, Items
from shared.runtime.clock import utc_now

from ..store.database import outages_named
from .route import Call, Nothing


class AppliedView(Struct, frozen=True, kw_only=True):
    """`applied` is null until a file is applied."""

    applied: Applied | None


class AppliedBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands now; it takes the place of what was left before."""

    items: Items


async def show_applied(call: Call, _: Nothing) -> AppliedView:
    """What the last apply left."""
    with outages_named():
        return AppliedView(applied=await call.gateway.preferences.applied())


async def keep_applied(call: Call, body: AppliedBody) -> AppliedView:
    """Remember what an apply has left."""
    applied = Applied(at=utc_now(), by=call.by, items=body.items)
    with outages_named():
        await call.gateway.preferences.set_applied(applied)
    await call.record("code.apply", "code", None, {section: len(items) for section, items in body.items.items()})
    return AppliedView(applied=applied)
