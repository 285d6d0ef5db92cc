"""Queries that make `Servings`: one a table, and a row for all libraries of an account or a person, for speed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date
from uuid import UUID

import asyncpg

from shared.access.terms import Effect, Holding, Libraries, Servings, Subscriber

from . import accounts, people, servers, subscriptions
from .errors import NoSuchServer
from .servers import Connection

LIBRARIES = "SELECT number, title, outside_id FROM library WHERE server_id = $1 AND removed_at IS NULL ORDER BY number"
PLANS = """
    SELECT plan_id, array_agg(number) AS libraries FROM plan_library JOIN library ON library.id = library_id
    WHERE server_id = $1 AND removed_at IS NULL GROUP BY plan_id
"""
_PEOPLE = f"""
    SELECT person.id, name, state, managed_since IS NOT NULL AS managed, suspended_at IS NOT NULL AS suspended,
        {subscriptions.COLUMNS}
    FROM person LEFT JOIN subscription ON subscription.person_id = person.id
"""
_RULES = """
    SELECT person_id, array_agg(number) AS libraries, array_agg(effect) AS effects
    FROM access_rule JOIN library ON library.id = library_id WHERE library.removed_at IS NULL
"""
_OBSERVED = """
    SELECT account_id, array_agg(number) AS libraries FROM observed_access JOIN library ON library.id = library_id
    WHERE library.removed_at IS NULL
"""
_HOLDINGS = """
    SELECT account.id AS account_id, person_id, outside_id, title, email, role, state, all_libraries,
        settled_access.libraries AS settled, coalesce(locked_by_us, false) AS locked_by_us
    FROM account LEFT JOIN settled_access ON settled_access.account_id = account.id
"""

PEOPLE_OF_SERVER = f"""
    {_PEOPLE} WHERE person.id IN (SELECT person_id FROM account WHERE server_id = $1 AND state <> 'removed')
"""
RULES_OF_SERVER = f"{_RULES} AND server_id = $1 GROUP BY person_id"
OBSERVED_OF_SERVER = f"{_OBSERVED} AND server_id = $1 GROUP BY account_id"
HOLDINGS_OF_SERVER = f"{_HOLDINGS} WHERE server_id = $1 AND state <> 'removed' ORDER BY title, account.id"

PERSON = f"{_PEOPLE} WHERE person.id = $1"
LAPSED = f"{_PEOPLE} WHERE managed_since IS NOT NULL AND expires_on < $1 ORDER BY name, person.id"
RULES_OF_PEOPLE = f"{_RULES} AND person_id = ANY($1::uuid[]) GROUP BY person_id"
OBSERVED_OF_ACCOUNT = f"{_OBSERVED} AND account_id = $1 GROUP BY account_id"
HOLDING = f"{_HOLDINGS} WHERE account.id = $1"


async def of_server(connection: Connection, server_id: UUID) -> Servings:
    """All accounts of a server that are not removed. NoSuchServer."""
    return await _servings(
        connection,
        server_id,
        people=await connection.fetch(PEOPLE_OF_SERVER, server_id),
        rules=await connection.fetch(RULES_OF_SERVER, server_id),
        observed=await connection.fetch(OBSERVED_OF_SERVER, server_id),
        holdings=await connection.fetch(HOLDINGS_OF_SERVER, server_id),
    )


async def of_account(connection: Connection, account_id: UUID) -> Servings:
    """One account. NoSuchAccount."""
    account = await accounts.get(connection, account_id)
    return await _servings(
        connection,
        account.server_id,
        people=await connection.fetch(PERSON, account.person_id),
        rules=await connection.fetch(RULES_OF_PEOPLE, [account.person_id]),
        observed=await connection.fetch(OBSERVED_OF_ACCOUNT, account_id),
        holdings=await connection.fetch(HOLDING, account_id),
    )


async def subscriber(connection: Connection, person_id: UUID) -> Subscriber:
    """One person, with all their rules. NoSuchPerson."""
    row = await connection.fetchrow(PERSON, person_id)
    if row is None:
        raise people.missing(person_id)
    return _subscribers([row], await connection.fetch(RULES_OF_PEOPLE, [person_id]))[0]


async def lapsed(connection: Connection, today: date) -> list[Subscriber]:
    """Managed people whose last day is over, by name."""
    rows = await connection.fetch(LAPSED, today)
    return _subscribers(rows, await connection.fetch(RULES_OF_PEOPLE, [row["id"] for row in rows]))


async def _servings(
    connection: Connection,
    server_id: UUID,
    *,
    people: Iterable[asyncpg.Record],
    rules: Iterable[asyncpg.Record],
    observed: Iterable[asyncpg.Record],
    holdings: Iterable[asyncpg.Record],
) -> Servings:
    server = await servers.get(connection, server_id)
    kind = server.kind
    if kind == "shoko":
        raise NoSuchServer(f"{server.name} is a Shoko Server: nobody has access there")
    libraries = await connection.fetch(LIBRARIES, server_id)
    plans = await connection.fetch(PLANS, server_id)

    def made() -> Servings:
        return Servings(
            server_id=server_id,
            kind=kind,
            name=server.name,
            titles={row["number"]: row["title"] for row in libraries},
            outside_ids={row["number"]: row["outside_id"] for row in libraries},
            plans={row["plan_id"]: frozenset(row["libraries"]) for row in plans},
            people={subscriber.id: subscriber for subscriber in _subscribers(people, rules)},
            holdings=_holdings(holdings, observed),
        )

    # Of a large server that takes a tenth of a second, for which nobody else is to be kept waiting.
    return await asyncio.to_thread(made)


def _subscribers(rows: Iterable[asyncpg.Record], rules: Iterable[asyncpg.Record]) -> list[Subscriber]:
    effects: dict[UUID, dict[int, Effect]] = {
        row["person_id"]: dict(zip(row["libraries"], row["effects"], strict=True)) for row in rules
    }
    return [
        Subscriber(
            id=row["id"],
            name=row["name"],
            state=row["state"],
            managed=row["managed"],
            suspended=row["suspended"],
            subscription=subscriptions.of_row(row),
            rules=effects.get(row["id"], {}),
        )
        for row in rows
    ]


def _holdings(rows: Iterable[asyncpg.Record], observed: Iterable[asyncpg.Record]) -> tuple[Holding, ...]:
    # Most accounts have what many others have: equal sets are kept once.
    sets: dict[Libraries, Libraries] = {}

    def one(numbers: Iterable[int]) -> Libraries:
        libraries = frozenset(numbers)
        return sets.setdefault(libraries, libraries)

    nothing = one(())
    has = {row["account_id"]: one(row["libraries"]) for row in observed}
    return tuple(
        Holding(
            account_id=row["account_id"],
            person_id=row["person_id"],
            outside_id=row["outside_id"],
            title=row["title"],
            email=row["email"],
            role=row["role"],
            state=row["state"],
            all_libraries=row["all_libraries"],
            observed=has.get(row["account_id"], nothing),
            settled=None if row["settled"] is None else one(row["settled"]),
            locked_by_us=row["locked_by_us"],
        )
        for row in rows
    )
