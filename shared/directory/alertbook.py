"""Queries of the tables `alert` and `alert_told`: what was told, and of which jobs no more is to be told for now."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import asyncpg

from .alertrecords import Alert, AlertView, Sending, Told
from .servers import Connection

ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('showrunner alerts'))"
TOLD = "SELECT job, key, kind, run, at, unwell_at, over FROM alert_told"
REMEMBER = """
    INSERT INTO alert_told (job, key, kind, run, at, unwell_at, over) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (job) DO UPDATE SET key = excluded.key, kind = excluded.kind, run = excluded.run, at = excluded.at,
        unwell_at = excluded.unwell_at, over = excluded.over
"""
FORGET = "DELETE FROM alert_told WHERE job = $1"
# Who hears of it is settled now: a channel that is set up later gets no old news.
ADD = """
    WITH added AS (
        INSERT INTO alert (id, key, kind, job, title, run, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (key) DO NOTHING RETURNING id, kind, at
    ), going AS (
        INSERT INTO alert_sending (alert_id, channel, next_at)
        SELECT added.id, name, at FROM added CROSS JOIN alert_channel
        WHERE CASE WHEN $9::text IS NULL THEN enabled AND kind = ANY(kinds) ELSE name = $9 END
    ) SELECT EXISTS (SELECT FROM added)
"""
COLUMNS = "id, kind, job, title, run, reason, at"
GET = f"SELECT {COLUMNS} FROM alert WHERE id = $1"
LIST = f"""
    SELECT {COLUMNS} FROM alert
    WHERE $1::uuid IS NULL OR (at, id) < (SELECT at, id FROM alert WHERE id = $1)
    ORDER BY at DESC, id DESC LIMIT $2
"""
SENDINGS = """
    SELECT alert_id, channel, state, tries, next_at, answer, closed_at FROM alert_sending
    WHERE alert_id = ANY($1) ORDER BY channel
"""


async def alone(connection: Connection) -> bool:
    """Whether nobody else decides what to tell, until the transaction ends."""
    return bool(await connection.fetchval(ALONE))


async def told(connection: Connection) -> dict[str, Told]:
    """What was told of jobs, by job."""
    return {row["job"]: Told(**row) for row in await connection.fetch(TOLD)}


async def remember(connection: Connection, job: str, told: Told | None) -> None:
    """That this was told of the job; None: nothing that matters any more."""
    if told is None:
        await connection.execute(FORGET, job)
    else:
        await connection.execute(REMEMBER, told.job, told.key, told.kind, told.run, told.at, told.unwell_at, told.over)


async def add(connection: Connection, alert: Alert, channel: str | None = None) -> UUID | None:
    """An alert for every channel that takes its kind, or for one; None if it was told before."""
    alert_id = uuid4()
    values = (alert.key, alert.kind, alert.job, alert.title, alert.run, alert.reason, alert.at)
    return alert_id if await connection.fetchval(ADD, alert_id, *values, channel) else None


async def get(connection: Connection, alert_id: UUID) -> AlertView:
    """An alert that is there."""
    (view,) = await _views(connection, await connection.fetch(GET, alert_id))
    return view


async def listed(connection: Connection, limit: int, after: UUID | None) -> list[AlertView]:
    """A page of alerts, the newest first, those older than the alert `after`."""
    return await _views(connection, await connection.fetch(LIST, after, limit))


async def _views(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[AlertView]:
    sendings: dict[UUID, list[Sending]] = {}
    for row in await connection.fetch(SENDINGS, [row["id"] for row in rows]):
        values = {name: row[name] for name in Sending.__struct_fields__}
        sendings.setdefault(row["alert_id"], []).append(Sending(**values))
    return [AlertView(**row, sendings=tuple(sendings.get(row["id"], ()))) for row in rows]
