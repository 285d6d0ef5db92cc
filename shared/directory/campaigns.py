"""Queries of the table `campaign`, and its way from a draft to the last message."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec

from shared.mail.keys import campaign_key

from . import audiences
from .errors import NobodyToMail, NoSuchCampaign, NotInThisState
from .mailrecords import Audience, Campaign, CampaignBody, CampaignState
from .servers import Connection

BODY = CampaignBody.__struct_fields__
COLUMNS = ", ".join(f"campaign.{name}" for name in Campaign.__struct_fields__ if name != "counts")
PLACES = ", ".join(f"${number}" for number in range(4, 4 + len(BODY)))

SELECT = f"""
    SELECT {COLUMNS}, (
        SELECT coalesce(jsonb_object_agg(state, many), '{{}}')
        FROM (SELECT state, count(*) AS many FROM delivery
              WHERE campaign_id = campaign.id AND kind = 'campaign' GROUP BY state) AS counted
    ) AS counts FROM campaign
"""
LIST = f"{SELECT} ORDER BY created_at DESC, id"
GET = f"{SELECT} WHERE id = $1"
LOCK = "SELECT state FROM campaign WHERE id = $1 FOR UPDATE"
ADD = f"""
    INSERT INTO campaign (id, changed_by, changed_at, created_by, created_at, {", ".join(BODY)})
    VALUES ($1, $2, $3, $2, $3, {PLACES})
"""
CHANGE = f"UPDATE campaign SET changed_by = $2, changed_at = $3, ({', '.join(BODY)}) = ({PLACES}) WHERE id = $1"
REMOVE = "DELETE FROM campaign WHERE id = $1"
SET_STATE = """
    UPDATE campaign SET state = $2::text, changed_by = $3, changed_at = $4::timestamptz,
        scheduled_at = CASE $2 WHEN 'scheduled' THEN $5::timestamptz WHEN 'draft' THEN NULL ELSE scheduled_at END,
        ended_at = CASE WHEN $2 IN ('stopped', 'sent') THEN $4::timestamptz END
    WHERE id = $1
"""
BEGIN = "UPDATE campaign SET begun_at = $2 WHERE id = $1"
ADDRESS = """
    INSERT INTO delivery (id, key, kind, person_id, name, address, second_address, language, campaign_id,
                          next_at, created_at)
    SELECT new.id, key, 'campaign', person_id, name, address, second_address, $7, $8, $9, $9
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[])
        AS new (id, key, person_id, name, address, second_address)
    ON CONFLICT (key) DO NOTHING
"""
DROP_WAITING = """
    UPDATE delivery SET state = 'dropped', answer = 'the campaign was stopped', closed_at = $2
    WHERE campaign_id = $1 AND kind = 'campaign' AND state IN ('due', 'deferred', 'claimed')
"""
DUE = """
    SELECT id FROM campaign WHERE state = 'scheduled' AND scheduled_at <= $1
    ORDER BY scheduled_at, id FOR UPDATE SKIP LOCKED
"""
FINISH = """
    UPDATE campaign SET state = 'sent', ended_at = $1 WHERE state = 'sending' AND NOT EXISTS (
        SELECT FROM delivery WHERE campaign_id = campaign.id AND kind = 'campaign'
        AND delivery.state IN ('due', 'claimed', 'sending', 'deferred')
    )
"""


async def listed(connection: Connection) -> list[Campaign]:
    """All campaigns, the newest first."""
    return [_campaign(row) for row in await connection.fetch(LIST)]


async def get(connection: Connection, campaign_id: UUID) -> Campaign:
    """One campaign. NoSuchCampaign."""
    row = await connection.fetchrow(GET, campaign_id)
    if row is None:
        raise NoSuchCampaign(f"There is no campaign {campaign_id}: it may have been removed meanwhile")
    return _campaign(row)


async def lock(connection: Connection, campaign_id: UUID, allowed: Collection[CampaignState]) -> CampaignState:
    """Let nobody else decide about it until the transaction ends; its state. NoSuchCampaign; NotInThisState."""
    state: CampaignState | None = await connection.fetchval(LOCK, campaign_id)
    if state is None:
        await get(connection, campaign_id)
    elif state in allowed:
        return state
    raise NotInThisState(f"This campaign is {state} now: that goes only while it is {' or '.join(allowed)}")


async def add(connection: Connection, body: CampaignBody, by: str, at: datetime) -> UUID:
    """Insert a draft."""
    campaign_id = uuid4()
    await connection.execute(ADD, campaign_id, by, at, *_values(body))
    return campaign_id


async def change(connection: Connection, campaign_id: UUID, body: CampaignBody, by: str, at: datetime) -> None:
    """Make a campaign, which is locked, what `body` says."""
    await connection.execute(CHANGE, campaign_id, by, at, *_values(body))


async def remove(connection: Connection, campaign_id: UUID) -> None:
    """Delete a campaign, which is locked; what was sent of it stays."""
    await connection.execute(REMOVE, campaign_id)


async def set_state(
    connection: Connection,
    campaign_id: UUID,
    state: CampaignState,
    by: str,
    at: datetime,
    *,
    scheduled_at: datetime | None = None,
) -> None:
    """Give a campaign, which is locked, another state."""
    await connection.execute(SET_STATE, campaign_id, state, by, at, scheduled_at)
    if state == "stopped":
        await connection.execute(DROP_WAITING, campaign_id, at)


async def begin(connection: Connection, campaign_id: UUID, default_language: str, by: str, at: datetime) -> None:
    """Choose the people, and have each of them sent their message. The campaign is locked. NobodyToMail."""
    campaign = await get(connection, campaign_id)
    chosen = await audiences.recipients(connection, campaign.audience, default_language)
    if not chosen:
        raise NobodyToMail(f"Nobody would get {campaign.name}: choose whom it is for anew")
    columns = [
        [uuid4() for _ in chosen],
        [campaign_key(campaign_id, one.person_id) for one in chosen],
        *([getattr(one, name) for one in chosen] for name in ("person_id", "name", "address", "second_address")),
    ]
    await connection.execute(ADDRESS, *columns, campaign.language, campaign_id, at)
    await set_state(connection, campaign_id, "sending", by, at)
    await connection.execute(BEGIN, campaign_id, at)


async def due(connection: Connection, at: datetime) -> list[UUID]:
    """The campaigns whose time has come, locked."""
    return [row["id"] for row in await connection.fetch(DUE, at)]


async def finish(connection: Connection, at: datetime) -> None:
    """Those of which nothing is left to be sent are over."""
    await connection.execute(FINISH, at)


def _values(body: CampaignBody) -> list[object]:
    values = {name: getattr(body, name) for name in BODY}
    return list((values | {"audience": msgspec.to_builtins(body.audience)}).values())


def _campaign(row: asyncpg.Record) -> Campaign:
    return Campaign(**{**row, "audience": msgspec.convert(row["audience"], Audience)})
