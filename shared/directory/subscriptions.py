"""Queries of the table `subscription`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import asyncpg
from msgspec import Struct

from shared.access.terms import Subscription

from .errors import NoSuchPlan
from .servers import Connection

COLUMNS = ", ".join(f"subscription.{name}" for name in Subscription.__struct_fields__)

GET = f"SELECT {COLUMNS} FROM subscription WHERE person_id = $1"
# What was decided about the last day before holds for no other: a date that comes back some time begins anew.
PUT = """
    INSERT INTO subscription AS before (person_id, plan_id, started_on, expires_on) VALUES ($1, $2, $3, $4)
    ON CONFLICT (person_id) DO UPDATE SET plan_id = excluded.plan_id, expires_on = excluded.expires_on,
        ended_for = CASE WHEN excluded.expires_on = before.expires_on THEN before.ended_for END,
        spared_for = CASE WHEN excluded.expires_on = before.expires_on THEN before.spared_for END,
        end_approved = before.end_approved AND excluded.expires_on IS NOT DISTINCT FROM before.expires_on
"""
REMOVE = "DELETE FROM subscription WHERE person_id = $1"
END = """
    UPDATE subscription SET ended_for = expires_on, end_approved = $3
    WHERE person_id = $1 AND expires_on = $2 AND ended_for IS DISTINCT FROM expires_on
        AND spared_for IS DISTINCT FROM expires_on RETURNING true
"""
SPARE = """
    UPDATE subscription SET spared_for = expires_on, end_approved = false
    WHERE person_id = $1 AND expires_on = $2 RETURNING true
"""
MOVE = "UPDATE subscription SET person_id = $2 WHERE person_id = $1"
# A last day that leaves less than the plan's length from the start was chosen by somebody, and is not put off.
SLIDABLE = """
    SELECT person.id, expires_on AS before, $1::date + days AS after
    FROM person JOIN subscription ON person_id = person.id JOIN subscription_plan AS plan ON plan.id = plan_id
    WHERE state = 'invited' AND expires_on < $1::date + days AND started_on + days <= expires_on
        AND NOT coalesce(ended_for = expires_on AND spared_for IS DISTINCT FROM expires_on, false)
        AND ($2::uuid[] IS NULL OR person.id = ANY($2))
"""
SLIDE = """
    UPDATE subscription SET expires_on = slid.after FROM unnest($1::uuid[], $2::date[]) AS slid (person_id, after)
    WHERE subscription.person_id = slid.person_id
"""


class Slid(Struct, frozen=True):
    """A last day that was put off while the invitation is open."""

    person_id: UUID
    before: date
    after: date


async def get(connection: Connection, person_id: UUID) -> Subscription | None:
    """A person's subscription."""
    row = await connection.fetchrow(GET, person_id)
    return None if row is None else Subscription(**row)


def of_row(row: asyncpg.Record) -> Subscription | None:
    """The subscription in a row that has its columns; None if they are empty."""
    if row["started_on"] is None:
        return None
    return Subscription(**{name: row[name] for name in Subscription.__struct_fields__})


async def put(
    connection: Connection, person_id: UUID, plan_id: UUID | None, started_on: date, expires_on: date | None
) -> None:
    """Insert a subscription, or change plan and last day of the one that is there. NoSuchPlan."""
    try:
        await connection.execute(PUT, person_id, plan_id, started_on, expires_on)
    except asyncpg.ForeignKeyViolationError:
        raise NoSuchPlan(f"There is no subscription plan {plan_id}: it may have been removed meanwhile") from None


async def remove(connection: Connection, person_id: UUID) -> None:
    """Delete a person's subscription."""
    await connection.execute(REMOVE, person_id)


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Make it another person's, who has none."""
    await connection.execute(MOVE, person_id, into)


async def end(connection: Connection, person_id: UUID, expires_on: date, approved: bool) -> bool:
    """Note that access ended with this last day; False if that is not so (any more), or noted already."""
    return bool(await connection.fetchval(END, person_id, expires_on, approved))


async def spare(connection: Connection, person_id: UUID, expires_on: date) -> bool:
    """Note that access does not end with this last day; False if it is another now."""
    return bool(await connection.fetchval(SPARE, person_id, expires_on))


async def slidable(connection: Connection, person_ids: Collection[UUID] | None, today: date) -> list[Slid]:
    """How to put off the last days of people whose invitations are open, so that a whole period begins today."""
    rows = await connection.fetch(SLIDABLE, today, None if person_ids is None else list(person_ids))
    return [Slid(row["id"], row["before"], row["after"]) for row in rows]


async def slide(connection: Connection, slid: Collection[Slid]) -> None:
    """Put off last days."""
    await connection.execute(SLIDE, [one.person_id for one in slid], [one.after for one in slid])
