"""Queries that say who would get a campaign."""

from __future__ import annotations

import asyncpg

from .mailrecords import Audience, AudienceView, Recipient
from .servers import Connection

# Whoever shares an address gets one message there, and none if one of them has unsubscribed.
FITTING = """
    WITH reachable AS (
        SELECT person.*, coalesce(nullif(email, ''), second_email) AS address FROM person
    ), opted_out AS (
        SELECT id, lower(address) AS address FROM reachable JOIN unsubscribed ON person_id = id
    ), fitting AS (
        SELECT id, name, address, coalesce(nullif(language, ''), $1) AS language,
            CASE WHEN second_email <> address THEN second_email ELSE '' END AS second_address,
            id IN (SELECT id FROM opted_out)
                OR address <> '' AND lower(address) IN (SELECT address FROM opted_out) AS opted_out
        FROM reachable LEFT JOIN subscription ON person_id = id
        WHERE state <> 'removed'
            AND CASE WHEN cardinality($2::text[]) = 0 THEN state <> 'suspended' ELSE state = ANY($2) END
            AND (cardinality($3::uuid[]) = 0 OR plan_id = ANY($3))
            AND (cardinality($4::uuid[]) = 0 OR id IN (
                SELECT person_id FROM account WHERE server_id = ANY($4) AND account.state <> 'removed'))
            AND (cardinality($5::text[]) = 0 OR coalesce(nullif(language, ''), $1) = ANY($5)
                OR split_part(coalesce(nullif(language, ''), $1), '-', 1) = ANY($5))
            AND (cardinality($6::uuid[]) = 0 OR id = ANY($6))
    )
    SELECT *, row_number() OVER (PARTITION BY lower(address), opted_out ORDER BY name, id) AS nth
    FROM fitting ORDER BY name, id
"""


async def view(connection: Connection, audience: Audience, default_language: str, limit: int) -> AudienceView:
    """Who would get it now, and who fits but would not; `limit` of them by name."""
    rows = await _fitting(connection, audience, default_language)
    chosen = [row for row in rows if _gets_it(row)]
    opted_out = sum(row["opted_out"] for row in rows)
    without_address = sum(not row["opted_out"] and not row["address"] for row in rows)
    return AudienceView(
        count=len(chosen),
        recipients=tuple(_recipient(row) for row in chosen[:limit]),
        unsubscribed=opted_out,
        without_address=without_address,
        same_address=len(rows) - len(chosen) - opted_out - without_address,
    )


async def recipients(connection: Connection, audience: Audience, default_language: str) -> list[Recipient]:
    """All who would get it now, by name."""
    rows = await _fitting(connection, audience, default_language)
    return [_recipient(row) for row in rows if _gets_it(row)]


async def _fitting(connection: Connection, audience: Audience, default_language: str) -> list[asyncpg.Record]:
    return await connection.fetch(
        FITTING,
        default_language,
        audience.states,
        audience.plans,
        audience.servers,
        audience.languages,
        audience.people,
    )


def _gets_it(row: asyncpg.Record) -> bool:
    return bool(row["address"]) and not row["opted_out"] and row["nth"] == 1


def _recipient(row: asyncpg.Record) -> Recipient:
    return Recipient(
        person_id=row["id"],
        name=row["name"],
        address=row["address"],
        second_address=row["second_address"],
        language=row["language"],
    )
