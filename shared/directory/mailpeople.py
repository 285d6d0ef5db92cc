"""Queries that gather all of people that decides about mail, or is said in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from shared.mail.due import CATCH_UP
from shared.mail.terms import Change, Login, MailPerson
from shared.mail.variables import PLEX_FOR_PEOPLE

from .servers import Connection

# A day more on both sides, whatever the zone.
RECENT = CATCH_UP + timedelta(days=2)

PEOPLE = """
    SELECT person.id, person.name, email, second_email, language, state, managed_since IS NOT NULL AS managed,
        plan_id, coalesce(plan.name, '') AS plan, expires_on,
        EXISTS (SELECT FROM unsubscribed WHERE unsubscribed.person_id = person.id) AS unsubscribed,
        CASE WHEN state = 'invited'
            AND EXISTS (SELECT FROM account WHERE person_id = person.id AND account.state = 'pending')
        THEN (state_since AT TIME ZONE $2)::date END AS invited_on,
        coalesce(ended_for = expires_on AND spared_for IS DISTINCT FROM expires_on, false) AS ended
    FROM person LEFT JOIN subscription ON subscription.person_id = person.id
    LEFT JOIN subscription_plan AS plan ON plan.id = plan_id
    WHERE $1::uuid[] IS NULL OR person.id = ANY($1) ORDER BY person.name, person.id
"""
ACCOUNTS = """
    SELECT person_id, server.kind AS product, server.name AS server, coalesce(nullif(username, ''), title) AS username,
        coalesce(nullif(public_url, ''), CASE server.kind WHEN 'plex' THEN $2 ELSE url END) AS url,
        role IN ('owner', 'admin') AS staff
    FROM account JOIN server ON server.id = server_id
    WHERE account.state <> 'removed' AND ($1::uuid[] IS NULL OR person_id = ANY($1))
    ORDER BY server.created_at, title, account.id
"""
# The day on which somebody with a subscription could use it first: they got it, or accepted the invitation to it.
SUBSCRIBED = """
    SELECT event.person_id, (greatest(max(event.at), first.at) AT TIME ZONE $2)::date AS began
    FROM person_event AS event JOIN LATERAL (
        SELECT min(other.at) AS at FROM person_event AS other
        WHERE other.person_id = event.person_id AND other.kind = 'subscribed'
    ) AS first ON first.at IS NOT NULL
    WHERE event.at > $3 AND ($1::uuid[] IS NULL OR event.person_id = ANY($1))
        AND (event.kind = 'subscribed' AND event.at = first.at OR event.kind = 'state' AND before = '"invited"')
    GROUP BY event.person_id, first.at
"""
# What gave access back is told from what changed it by what went before. The first subscription is no change.
CHANGES = """
    SELECT DISTINCT ON (person_id) person_id, id, (at AT TIME ZONE $2)::date AS began,
        event.kind IN ('spared', 'unsuspended', 'came_back') OR coalesce(former.kind = 'ended', false) AS restored,
        event.kind = 'subscribed' AND NOT EXISTS (
            SELECT FROM person_event AS other
            WHERE other.person_id = event.person_id AND other.id < event.id AND other.kind = 'subscribed'
        ) AS first
    FROM person_event AS event LEFT JOIN LATERAL (
        SELECT other.kind FROM person_event AS other
        WHERE other.person_id = event.person_id AND other.id < event.id
            AND other.kind IN ('ended', 'subscribed', 'renewed', 'gifted', 'spared')
        ORDER BY other.id DESC LIMIT 1
    ) AS former ON true
    WHERE at > $3 AND ($1::uuid[] IS NULL OR person_id = ANY($1))
        AND event.kind IN ('subscribed', 'renewed', 'gifted', 'spared', 'unsuspended', 'came_back')
    ORDER BY person_id, id DESC
"""


async def read(
    connection: Connection, person_ids: Collection[UUID] | None, at: datetime, zone: str
) -> list[MailPerson]:
    """Some people, or (None) all, by name, as they are at `at`; days are those of `zone`."""
    ids = None if person_ids is None else list(person_ids)
    rows = await connection.fetch(PEOPLE, ids, zone)
    logins: dict[UUID, list[Login]] = {row["id"]: [] for row in rows}
    staff = set()
    for row in await connection.fetch(ACCOUNTS, ids, PLEX_FOR_PEOPLE):
        if row["person_id"] in logins:
            logins[row["person_id"]].append(_login(row))
        if row["staff"]:
            staff.add(row["person_id"])
    since = at - RECENT
    began = {row["person_id"]: row["began"] for row in await connection.fetch(SUBSCRIBED, ids, zone, since)}
    changes = {row["person_id"]: _change(row) for row in await connection.fetch(CHANGES, ids, zone, since)}
    fields = [name for name in MailPerson.__struct_fields__ if rows and name in rows[0]]
    return [
        MailPerson(
            **{name: row[name] for name in fields},
            staff=row["id"] in staff,
            subscribed_on=began.get(row["id"]),
            change=None if row["ended"] else changes.get(row["id"]),
            logins=tuple(logins[row["id"]]),
        )
        for row in rows
    ]


def _login(row: asyncpg.Record) -> Login:
    return Login(product=row["product"], server=row["server"], url=row["url"], username=row["username"])


def _change(row: asyncpg.Record) -> Change | None:
    return None if row["first"] else Change(id=row["id"], on=row["began"], restored=row["restored"])
