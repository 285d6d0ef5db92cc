"""Queries of the table `alert_sending` while alerts go out: claimed, and closed, each by one attempt of a run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from .alertrecords import Alert, AlertClosing, OutgoingAlert
from .mailrecords import Claimant
from .servers import Connection

# What a dead attempt had in hand is sent again: better twice than not at all.
OPEN = """
    (state = 'due' AND next_at <= $3 OR state = 'claimed' AND (claimed_at < $4 OR run = $1 AND attempt < $2))
"""
CLAIM = f"""
    WITH waiting AS (
        SELECT alert_id, channel FROM alert_sending WHERE {OPEN} AND channel <> ALL($6::text[])
        ORDER BY next_at, alert_id LIMIT $5 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE alert_sending AS sending
        SET state = 'claimed', run = $1, attempt = $2, claimed_at = $3, tries = tries + 1
        FROM waiting WHERE sending.alert_id = waiting.alert_id AND sending.channel = waiting.channel
        RETURNING sending.alert_id, sending.channel, sending.tries
    )
    SELECT id, channel, tries, key, kind, job, title, alert.run, reason, at
    FROM claimed JOIN alert ON alert.id = alert_id ORDER BY at, id
"""
CLOSE = """
    UPDATE alert_sending SET state = $5, answer = $6, next_at = coalesce($7, next_at),
        closed_at = CASE $5 WHEN 'due' THEN NULL ELSE $8::timestamptz END
    WHERE alert_id = $3 AND channel = $4 AND state = 'claimed' AND run = $1 AND attempt = $2
"""
RELEASE = """
    UPDATE alert_sending SET state = 'due', run = NULL, claimed_at = NULL, tries = tries - 1
    WHERE state = 'claimed' AND run = $1 AND attempt = $2
"""
DROP = """
    UPDATE alert_sending SET state = 'dropped', answer = $2, closed_at = $3
    WHERE channel = $1 AND state IN ('due', 'claimed')
"""


async def claim(
    connection: Connection,
    claimant: Claimant,
    limit: int,
    *,
    except_for: Collection[str],
    at: datetime,
    stale_after: timedelta,
) -> list[OutgoingAlert]:
    """Take up to `limit` alerts that wait, the longest waiting first, and what was claimed so long ago."""
    rows = await connection.fetch(CLAIM, *claimant, at, at - stale_after, limit, list(except_for))
    return [
        OutgoingAlert(
            id=row["id"],
            channel=row["channel"],
            tries=row["tries"],
            alert=Alert(**{name: row[name] for name in Alert.__struct_fields__}),
        )
        for row in rows
    ]


async def close(connection: Connection, claimant: Claimant, closing: AlertClosing, at: datetime) -> None:
    """Write down what became of an alert, unless it is not this attempt's any more."""
    values = (closing.id, closing.channel, closing.state, closing.answer, closing.next_at)
    await connection.execute(CLOSE, *claimant, *values, at)


async def release(connection: Connection, claimant: Claimant) -> None:
    """Give back what was claimed and not closed."""
    await connection.execute(RELEASE, *claimant)


async def drop(connection: Connection, channel: str, why: str, at: datetime) -> None:
    """Let a channel get nothing of what waits for it."""
    await connection.execute(DROP, channel, why, at)
