"""Queries of the tables whose old rows are deleted each by itself. $1 is the moment before which a row is old.

The condition stands in the DELETE once more: of a row that somebody has changed meanwhile, it is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import asyncpg
from msgspec import Struct

from .policy import Kind

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


class Table(Struct, frozen=True):
    """A table, the columns of its key, and which rows of it are old and not needed any more."""

    name: str
    key: str
    old: str

    @property
    def count(self) -> str:
        return f"SELECT count(*) FROM {self.name} WHERE {self.old}"

    @property
    def delete(self) -> str:
        """$2: at most so many."""
        return f"""
            WITH gone AS (
                DELETE FROM {self.name}
                WHERE ({self.key}) IN (SELECT {self.key} FROM {self.name} WHERE {self.old} LIMIT $2) AND {self.old}
                RETURNING 1
            ) SELECT count(*) FROM gone
        """


# The welcome is sent once in a life. A campaign's messages stay until it is over.
_DELIVERIES = """
    created_at < $1 AND delivery.state IN ('sent', 'refused', 'uncertain', 'dropped') AND coalesce(closed_at < $1, true)
    AND NOT (coalesce(event, '') = 'welcome' AND person_id IS NOT NULL)
    AND NOT (kind = 'campaign' AND EXISTS (
        SELECT FROM media.campaign WHERE campaign.id = campaign_id AND campaign.ended_at IS NULL
    ))
"""
# What is still remembered of a job must not be told anew, and what is on its way has to arrive.
_ALERTS = """
    at < $1 AND NOT EXISTS (SELECT FROM media.alert_told WHERE alert_told.key = alert.key)
    AND NOT EXISTS (SELECT FROM media.alert_sending WHERE alert_id = alert.id AND state IN ('due', 'claimed'))
"""
# By the first of these, and the one before a change, mail tells a welcome from a change and what gave access back.
_EVENTS = """
    at < $1 AND (kind NOT IN ('ended', 'subscribed', 'renewed', 'gifted', 'spared') OR
        EXISTS (SELECT FROM media.person_event AS earlier WHERE earlier.person_id = person_event.person_id
                AND earlier.kind = 'subscribed' AND earlier.id < person_event.id)
        AND EXISTS (SELECT FROM media.person_event AS later WHERE later.person_id = person_event.person_id
                    AND later.kind IN ('ended', 'subscribed', 'renewed', 'gifted', 'spared')
                    AND later.id > person_event.id))
"""

TABLES: Mapping[Kind, Table] = {
    "slots": Table("jobs.skipped", "job, first", "last < $1"),
    "hook_deliveries": Table("jobs.hook_delivery", "id", "state <> 'due' AND closed_at < $1"),
    "audit": Table("jobs.audit", "id", "at < $1"),
    "deliveries": Table("media.delivery", "id", _DELIVERIES),
    "alerts": Table("media.alert", "id", _ALERTS),
    "events": Table("media.person_event", "id", _EVENTS),
    "spells": Table("media.server_spell", "id", "until < $1"),
}


async def count(connection: Connection, kind: Kind, before: datetime) -> int:
    """How many rows of this kind are old."""
    return int(await connection.fetchval(TABLES[kind].count, before))


async def delete(connection: Connection, kind: Kind, before: datetime, most: int) -> int:
    """Delete at most so many of them; how many they were."""
    return int(await connection.fetchval(TABLES[kind].delete, before, most))
