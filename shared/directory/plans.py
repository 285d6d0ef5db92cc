"""Queries of the tables `subscription_plan` and `plan_library`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import asyncpg

from .errors import NameTaken, NoSuchLibrary, NoSuchPlan, PlanInUse
from .servers import Connection
from .subscribers import PlanBody, SubscriptionPlan

SELECT = """
    SELECT plan.id, name, days, stream_limit, notes, created_at,
        array(SELECT library_id FROM plan_library WHERE plan_id = plan.id ORDER BY library_id) AS libraries,
        (SELECT count(*) FROM subscription WHERE plan_id = plan.id) AS people
    FROM subscription_plan AS plan
"""
LIST = f"{SELECT} ORDER BY name"
GET = f"{SELECT} WHERE id = $1"
LOCK = "SELECT FROM subscription_plan WHERE id = $1 FOR UPDATE"
ADD = "INSERT INTO subscription_plan (id, name, days, stream_limit, notes) VALUES ($1, $2, $3, $4, $5)"
CHANGE = "UPDATE subscription_plan SET name = $2, days = $3, stream_limit = $4, notes = $5 WHERE id = $1 RETURNING id"
DROP_LIBRARIES = "DELETE FROM plan_library WHERE plan_id = $1 AND library_id <> ALL($2::uuid[])"
ADD_LIBRARIES = """
    INSERT INTO plan_library (plan_id, library_id) SELECT $1, * FROM unnest($2::uuid[]) ON CONFLICT DO NOTHING
"""
REMOVE = "DELETE FROM subscription_plan WHERE id = $1 RETURNING id"


async def listed(connection: Connection) -> list[SubscriptionPlan]:
    """All plans, by name."""
    return [_plan(row) for row in await connection.fetch(LIST)]


async def get(connection: Connection, plan_id: UUID, *, lock: bool = False) -> SubscriptionPlan:
    """One plan; with `lock`, as nobody else changes it until the transaction ends. NoSuchPlan."""
    if lock:
        await connection.execute(LOCK, plan_id)
    row = await connection.fetchrow(GET, plan_id)
    if row is None:
        raise _missing(plan_id)
    return _plan(row)


async def add(connection: Connection, body: PlanBody) -> SubscriptionPlan:
    """Insert a plan. NameTaken; NoSuchLibrary."""
    plan_id = uuid4()
    try:
        await connection.execute(ADD, plan_id, body.name, body.days, body.stream_limit, body.notes)
    except asyncpg.UniqueViolationError:
        raise _taken(body.name) from None
    await _set_libraries(connection, plan_id, body.libraries)
    return await get(connection, plan_id)


async def change(connection: Connection, plan_id: UUID, body: PlanBody) -> SubscriptionPlan:
    """Update a plan. NoSuchPlan; NameTaken; NoSuchLibrary."""
    try:
        changed = await connection.fetchval(CHANGE, plan_id, body.name, body.days, body.stream_limit, body.notes)
    except asyncpg.UniqueViolationError:
        raise _taken(body.name) from None
    if changed is None:
        raise _missing(plan_id)
    await _set_libraries(connection, plan_id, body.libraries)
    return await get(connection, plan_id)


async def remove(connection: Connection, plan_id: UUID) -> None:
    """Delete a plan. NoSuchPlan; PlanInUse."""
    plan = await get(connection, plan_id)
    try:
        await connection.execute(REMOVE, plan_id)
    except asyncpg.ForeignKeyViolationError:
        people = "One person has" if plan.people == 1 else f"{plan.people} people have"
        raise PlanInUse(f"{people} the plan {plan.name}: give them another one first") from None


async def _set_libraries(connection: Connection, plan_id: UUID, libraries: Sequence[UUID]) -> None:
    await connection.execute(DROP_LIBRARIES, plan_id, libraries)
    try:
        await connection.execute(ADD_LIBRARIES, plan_id, libraries)
    except asyncpg.ForeignKeyViolationError:
        raise NoSuchLibrary("One of the plan's libraries is not there (any more): load the list anew") from None


def _plan(row: asyncpg.Record) -> SubscriptionPlan:
    return SubscriptionPlan(**{**row, "libraries": tuple(row["libraries"])})


def _missing(plan_id: UUID) -> NoSuchPlan:
    return NoSuchPlan(f"There is no subscription plan {plan_id}: it may have been removed meanwhile")


def _taken(name: str) -> NameTaken:
    return NameTaken(f"There is a plan called {name} already: give this one another name")
