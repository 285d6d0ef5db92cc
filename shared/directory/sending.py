"""Queries of the table `delivery` while its messages go out: claimed, sending, closed; each by one attempt of a run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from shared.mail.terms import DeliveryState, Event, Kind, MailPerson, Words

from . import deliveries, mailpeople
from .mailrecords import Claimant, Closed, Closing, Delivery, Opening, Outgoing, Recovered, Waiting
from .servers import Connection

# A campaign's messages wait while it is not under way, but for one that somebody wants sent again.
MAY_GO = """
    (delivery.kind <> 'campaign' OR asked_by <> ''
        OR EXISTS (SELECT FROM campaign WHERE campaign.id = campaign_id AND campaign.state = 'sending'))
"""
WAITS = f"""
    state IN ('due', 'deferred') AND next_at <= {{at}} AND kind = ANY({{kinds}}::text[])
    AND ({{events}}::text[] IS NULL OR kind <> 'notice' OR event = ANY({{events}})) AND {MAY_GO}
"""
WAITING = f"""
    SELECT {deliveries.COLUMNS} FROM delivery WHERE {WAITS.format(at="$1", kinds="$2", events="$3")}
    ORDER BY next_at, id LIMIT $4
"""
COUNT_WAITING = f"SELECT count(*) FROM delivery WHERE {WAITS.format(at='$1', kinds='$2', events='$3')}"
CLOSED_BY = """
    run = $1 AND (state IN ('sent', 'refused', 'uncertain', 'dropped') OR state = 'deferred' AND next_at > $2)
"""
COUNT_CLOSED_BY = f"SELECT state, count(*) AS many FROM delivery WHERE {CLOSED_BY} GROUP BY state"
FIRST_CLOSED_BY = f"""
    SELECT {deliveries.COLUMNS} FROM delivery WHERE {CLOSED_BY} ORDER BY claimed_at, id LIMIT $3
"""
# Somebody may have another address by now. The one that mail falls back on stays if it is still theirs.
CLAIM = f"""
    WITH waiting AS (
        SELECT id FROM delivery WHERE {WAITS.format(at="$3", kinds="$4", events="$5")}
        ORDER BY next_at, id LIMIT $6 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE delivery SET state = 'claimed', run = $1, attempt = $2, claimed_at = $3,
            address = CASE kind WHEN 'test' THEN address ELSE coalesce((
                SELECT CASE WHEN address IN (email, second_email) THEN address
                    ELSE coalesce(nullif(email, ''), second_email) END
                FROM person WHERE person.id = person_id
            ), '') END
        FROM waiting WHERE delivery.id = waiting.id RETURNING delivery.*
    )
    SELECT claimed.id, key, kind, claimed.event, claimed.days, claimed.person_id, claimed.name, address,
        claimed.language, template.provider AS product, tries, message_id,
        asked_by <> '' AS asked, coalesce(template.subject, campaign.subject) AS words_subject,
        coalesce(template.text, campaign.text) AS words_text, coalesce(template.html, campaign.html) AS words_html
    FROM claimed LEFT JOIN mail_template AS template ON template.id = template_id
    LEFT JOIN campaign ON campaign.id = campaign_id ORDER BY next_at, claimed.id
"""
START = f"""
    UPDATE delivery SET state = 'sending', tries = tries + 1, subject = $4, message_id = $5
    WHERE id = $3 AND state = 'claimed' AND run = $1 AND attempt = $2 AND {MAY_GO} RETURNING true
"""
# What the first address refuses for good goes to the second. One that was given up for lost may still be heard of.
CLOSE = """
    UPDATE delivery SET
        state = CASE WHEN {falls_back} THEN 'due' ELSE $4 END,
        closed_at = CASE WHEN {falls_back} OR $4 = 'deferred' THEN NULL ELSE $7::timestamptz END,
        address = CASE WHEN {falls_back} THEN second_address ELSE address END,
        second_address = CASE WHEN {falls_back} THEN '' ELSE second_address END,
        next_at = coalesce($6::timestamptz, $7::timestamptz), answer = $5,
        subject = coalesce(nullif($8, ''), subject),
        tries = CASE WHEN state = 'claimed' AND $4 <> 'dropped' THEN tries + 1 ELSE tries END
    WHERE id = $3 AND run = $1 AND attempt = $2
        AND (state IN ('sending', 'uncertain') OR state = 'claimed' AND $4 IN ('dropped', 'refused', 'deferred'))
    RETURNING state
""".format(falls_back="$4::text = 'refused' AND second_address <> ''")
RELEASE = """
    UPDATE delivery SET state = 'due', run = NULL, claimed_at = NULL
    WHERE state = 'claimed' AND run = $1 AND attempt = $2
"""
# Nothing of a claimed one had gone out. Of one that was being sent nobody knows: it is not sent again by itself.
RECOVER = """
    WITH left_in_hand AS (
        SELECT id FROM delivery WHERE state IN ('claimed', 'sending')
            AND (run = $1 AND attempt < $2 OR claimed_at < $3) FOR UPDATE
    ), recovered AS (
        UPDATE delivery SET
            state = CASE state WHEN 'claimed' THEN 'due' ELSE 'uncertain' END,
            answer = CASE state WHEN 'claimed' THEN answer ELSE $5 END,
            closed_at = CASE state WHEN 'claimed' THEN NULL ELSE $4::timestamptz END
        FROM left_in_hand WHERE delivery.id = left_in_hand.id RETURNING state
    ) SELECT count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE state = 'uncertain') FROM recovered
"""
UNKNOWN = "the worker ended before the mail server had answered: it may have arrived"
SENT_BY_HOUR = """
    SELECT floor(extract(epoch FROM closed_at) / 3600)::bigint AS hour, count(*) AS sent FROM delivery
    WHERE state IN ('sent', 'uncertain') AND closed_at > $1 GROUP BY 1
"""
A_DAY = timedelta(hours=25)  # the oldest hour only in part


async def waiting(
    connection: Connection,
    limit: int,
    *,
    kinds: Collection[Kind],
    events: Collection[Event] | None,
    at: datetime,
) -> Waiting:
    """What a claim would find: how much, and the first of it, in order."""
    wanted = at, list(kinds), None if events is None else list(events)
    count = int(await connection.fetchval(COUNT_WAITING, *wanted))
    rows = await connection.fetch(WAITING, *wanted, limit) if count and limit else ()
    return Waiting(count=count, first=tuple(Delivery(**row) for row in rows))


async def closed_by(connection: Connection, run: UUID, limit: int, at: datetime) -> Closed:
    """What the attempts of a run have closed, and does not wait now."""
    counts = {row["state"]: row["many"] for row in await connection.fetch(COUNT_CLOSED_BY, run, at)}
    rows = await connection.fetch(FIRST_CLOSED_BY, run, at, limit) if counts else ()
    return Closed(counts=counts, first=tuple(Delivery(**row) for row in rows))


async def claim(
    connection: Connection,
    claimant: Claimant,
    limit: int,
    *,
    kinds: Collection[Kind],
    events: Collection[Event] | None,
    at: datetime,
    zone: str,
) -> list[Outgoing]:
    """Take up to `limit` deliveries that wait, the longest waiting first; nobody else gets these."""
    wanted = None if events is None else list(events)
    rows = await connection.fetch(CLAIM, *claimant, at, list(kinds), wanted, limit)
    found = await mailpeople.read(connection, {row["person_id"] for row in rows} - {None}, at, zone)
    people = {person.id: person for person in found}
    return [_outgoing(row, people.get(row["person_id"])) for row in rows]


async def start(connection: Connection, claimant: Claimant, opening: Opening) -> bool:
    """Say that it is about to go out. False: it is not this attempt's to send any more."""
    return bool(await connection.fetchval(START, *claimant, opening.id, opening.subject, opening.message_id))


async def close(connection: Connection, claimant: Claimant, closing: Closing, at: datetime) -> DeliveryState | None:
    """Say what became of it; what it is then. None: it is not this attempt's to say any more."""
    state: DeliveryState | None = await connection.fetchval(
        CLOSE, *claimant, closing.id, closing.state, closing.answer, closing.next_at, at, closing.subject
    )
    return state


async def release(connection: Connection, claimant: Claimant) -> None:
    """Give back what was claimed and not started."""
    await connection.execute(RELEASE, *claimant)


async def recover(connection: Connection, claimant: Claimant, at: datetime, stale_after: timedelta) -> Recovered:
    """Take from the dead what they had in hand: earlier attempts of this run, and whoever claimed it that long ago."""
    row = await connection.fetchrow(RECOVER, *claimant, at - stale_after, at, UNKNOWN)
    return Recovered(*row) if row else Recovered(0, 0)


async def sent_by_hour(connection: Connection, at: datetime) -> dict[int, int]:
    """How many messages went out in each hour of the last day; hours are counted from the Unix epoch."""
    return {row["hour"]: row["sent"] for row in await connection.fetch(SENT_BY_HOUR, at - A_DAY)}


def _outgoing(row: asyncpg.Record, person: MailPerson | None) -> Outgoing:
    words = None
    if row["words_subject"] is not None:
        words = Words(subject=row["words_subject"], text=row["words_text"], html=row["words_html"])
    given = {name: row[name] for name in Outgoing.__struct_fields__ if name not in ("person", "words")}
    return Outgoing(**given, person=person, words=words)
