"""Queries that make cards of people: with their subscriptions and accounts, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from shared.access.states import has_ended

from . import people, subscriptions
from .servers import Connection
from .subscribers import AccountBrief, PeopleQuery, PersonCard, SubscriptionQuery, SubscriptionView

PEOPLE = f"""
    SELECT person.id, person.name, email, second_email, language, person.notes, state, state_since,
        managed_since IS NOT NULL AS managed, suspended_why, person.created_at,
        coalesce(plan.name, '') AS plan, {subscriptions.COLUMNS}
    FROM person LEFT JOIN subscription ON subscription.person_id = person.id
    LEFT JOIN subscription_plan AS plan ON plan.id = plan_id
"""
GET = f"{PEOPLE} WHERE person.id = $1"
# $1 is a pattern, in which nothing stands for anything else but its two ends.
FITS = """
    ($1 = '%%' OR person.name ILIKE $1 OR person.email ILIKE $1 OR second_email ILIKE $1 OR person.notes ILIKE $1
        OR person.id IN (SELECT person_id FROM account WHERE username ILIKE $1 OR title ILIKE $1 OR email ILIKE $1))
    AND ($2::text IS NULL OR state = $2)
    AND ($3::uuid IS NULL OR plan_id = $3)
    AND ($4::uuid IS NULL
        OR person.id IN (SELECT person_id FROM account WHERE server_id = $4 AND state <> 'removed'))
"""
LIST = f"""
    {PEOPLE} WHERE {FITS}
    AND ($5::uuid IS NULL OR (person.name, person.id) > (SELECT name, id FROM person WHERE id = $5))
    ORDER BY person.name, person.id LIMIT $6
"""
COUNT = f"SELECT count(*) FROM person LEFT JOIN subscription ON subscription.person_id = person.id WHERE {FITS}"
_PLACE = "(coalesce(expires_on, 'infinity'), person.name, person.id)"
BY_LAST_DAY = f"""
    {PEOPLE} WHERE subscription.person_id IS NOT NULL
    AND ($1::uuid IS NULL OR plan_id = $1)
    AND ($2::date IS NULL OR expires_on < $2)
    AND ($3::uuid IS NULL OR {_PLACE} > (
        SELECT coalesce(expires_on, 'infinity'), name, id
        FROM person JOIN subscription ON person_id = id WHERE id = $3
    ))
    ORDER BY {_PLACE} LIMIT $4
"""
ACCOUNTS = """
    SELECT person_id, account.id, server_id, server.name AS server, server.kind, title, role, account.state,
        (SELECT count(*) FROM observed_access JOIN library ON library.id = library_id
         WHERE account_id = account.id AND library.removed_at IS NULL) AS libraries
    FROM account JOIN server ON server.id = server_id
    WHERE person_id = ANY($1::uuid[]) ORDER BY server.created_at, title, account.id
"""


async def get(connection: Connection, person_id: UUID) -> PersonCard:
    """One person. NoSuchPerson."""
    cards = await _cards(connection, GET, person_id)
    if not cards:
        raise people.missing(person_id)
    return cards[0]


async def listed(connection: Connection, query: PeopleQuery) -> list[PersonCard]:
    """A page of people by name."""
    return await _cards(connection, LIST, *_filters(query), query.after, query.limit)


async def count(connection: Connection, query: PeopleQuery) -> int:
    """How many people the query fits."""
    return int(await connection.fetchval(COUNT, *_filters(query)))


async def by_last_day(connection: Connection, query: SubscriptionQuery) -> list[PersonCard]:
    """A page of people with a subscription, by last day, for life last."""
    return await _cards(connection, BY_LAST_DAY, query.plan, query.expiring_before, query.after, query.limit)


def _filters(query: PeopleQuery) -> tuple[Any, ...]:
    text = query.text.strip()
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%", query.state, query.plan, query.server


async def _cards(connection: Connection, sql: str, *values: Any) -> list[PersonCard]:
    rows = await connection.fetch(sql, *values)
    accounts: dict[UUID, list[AccountBrief]] = {row["id"]: [] for row in rows}
    for row in await connection.fetch(ACCOUNTS, list(accounts)):
        brief = {name: row[name] for name in AccountBrief.__struct_fields__}
        accounts[row["person_id"]].append(AccountBrief(**brief))
    return [_card(row, accounts[row["id"]]) for row in rows]


def _card(row: asyncpg.Record, accounts: Sequence[AccountBrief]) -> PersonCard:
    given = {name: row[name] for name in PersonCard.__struct_fields__ if name not in ("subscription", "accounts")}
    return PersonCard(**given, subscription=_subscription(row), accounts=tuple(accounts))


def _subscription(row: asyncpg.Record) -> SubscriptionView | None:
    subscription = subscriptions.of_row(row)
    if subscription is None:
        return None
    return SubscriptionView(
        plan_id=subscription.plan_id,
        plan=row["plan"],
        started_on=subscription.started_on,
        expires_on=subscription.expires_on,
        ended=has_ended(subscription),
    )
