"""Calls about the plans that people subscribe to."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, structs

from shared.directory.subscribers import PlanBody, SubscriptionPlan

from ..store.database import outages_named
from .route import Call, Nothing


class PlanDetails(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of a plan. Without `days` it is for life; `stream_limit` is how many may be played at once."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    stream_limit: Annotated[int, Meta(ge=1, le=1000)] | None = None
    notes: Annotated[str, Meta(max_length=10_000)] = ""
    libraries: Annotated[tuple[UUID, ...], Meta(max_length=10_000)] = ()


class PlanList(Struct, frozen=True, kw_only=True):
    plans: tuple[SubscriptionPlan, ...]


async def list_plans(call: Call, _: Nothing) -> PlanList:
    """The plans by name."""
    with outages_named():
        return PlanList(plans=tuple(await call.gateway.membership.plans()))


async def show_plan(call: Call, _: Nothing) -> SubscriptionPlan:
    """One plan."""
    return await _plan(call)


async def add_plan(call: Call, body: PlanDetails) -> SubscriptionPlan:
    """Add a plan."""
    with outages_named():
        plan = await call.gateway.membership.add_plan(PlanBody(**structs.asdict(body)))
    await call.record("plan.add", str(plan.id), None, plan)
    return plan


async def change_plan(call: Call, body: PlanDetails) -> SubscriptionPlan:
    """Change a plan."""
    before = await _plan(call)
    with outages_named():
        after = await call.gateway.membership.change_plan(before.id, PlanBody(**structs.asdict(body)), call.by)
    await call.record("plan.change", str(before.id), before, after)
    return after


async def remove_plan(call: Call, _: Nothing) -> None:
    """Remove a plan that nobody has."""
    before = await _plan(call)
    with outages_named():
        await call.gateway.membership.remove_plan(before.id)
    await call.record("plan.remove", str(before.id), before, None)


async def _plan(call: Call) -> SubscriptionPlan:
    with outages_named():
        return await call.gateway.membership.plan(call.id("plan_unknown"))
