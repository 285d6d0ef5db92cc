"""Queries of the table `delivery`: writing down what is to be sent, and looking at what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from shared.mail.keys import trial_key
from shared.mail.terms import Due

from .errors import NoSuchDelivery, NotInThisState
from .mailrecords import Delivery, DeliveryQuery
from .servers import Connection

COLUMNS = ", ".join(Delivery.__struct_fields__)

KEYS = "SELECT key FROM delivery WHERE kind = 'notice' AND (created_at > $1 OR event = 'welcome')"
# People may be gone by now, and a template that is gone leaves a delivery that says so.
PLAN = """
    WITH planned AS (
        INSERT INTO delivery (id, key, kind, event, days, person_id, name, address, second_address, language,
                              template_id, expires_on, next_at, created_at)
        SELECT new.id, key, 'notice', new.event, new.days, person.id, new.name, address, new.second_address,
               new.language, template.id, expires_on, $12, $12
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                    $9::text[], $10::uuid[], $11::date[])
            AS new (id, key, event, days, person_id, name, address, second_address, language, template_id, expires_on)
        JOIN person ON person.id = new.person_id LEFT JOIN mail_template AS template ON template.id = template_id
        ON CONFLICT (key) DO NOTHING RETURNING 1
    ) SELECT count(*) FROM planned
"""
ADD_TRIAL = """
    INSERT INTO delivery (id, key, kind, person_id, name, address, language, template_id, campaign_id, event, days,
                          asked_by, next_at, created_at)
    SELECT $1, $2, 'test', $3, $4, $4, coalesce(template.language, campaign.language), template.id, campaign.id,
           template.event, coalesce(template.days, 0), $7, $8, $8
    FROM (SELECT $5::uuid AS template_id, $6::uuid AS campaign_id) AS wanted
    LEFT JOIN mail_template AS template ON template.id = template_id LEFT JOIN campaign ON campaign.id = campaign_id
"""
GET = f"SELECT {COLUMNS} FROM delivery WHERE id = $1"
# $1 is a pattern, in which nothing stands for anything else but its two ends.
FITS = """
    ($1 = '%%' OR name ILIKE $1 OR address ILIKE $1 OR subject ILIKE $1 OR answer ILIKE $1)
    AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3)
    AND ($4::uuid IS NULL OR person_id = $4) AND ($5::uuid IS NULL OR campaign_id = $5)
"""
LIST = f"""
    SELECT {COLUMNS} FROM delivery WHERE {FITS}
    AND ($6::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM delivery WHERE id = $6))
    ORDER BY created_at DESC, id DESC LIMIT $7
"""
COUNT = f"SELECT count(*) FROM delivery WHERE {FITS}"
RESEND = f"""
    UPDATE delivery SET state = 'due', tries = 0, next_at = $3, asked_by = $2, answer = '', closed_at = NULL,
        run = NULL, claimed_at = NULL, address = now_at.address, second_address = now_at.second_address
    FROM (
        SELECT coalesce(nullif(email, ''), nullif(second_email, ''), former.address) AS address,
            CASE WHEN email <> '' AND second_email <> email THEN second_email ELSE '' END AS second_address
        FROM delivery AS former LEFT JOIN person ON person.id = person_id AND kind <> 'test' WHERE former.id = $1
    ) AS now_at
    WHERE id = $1 AND state IN ('sent', 'deferred', 'refused', 'uncertain', 'dropped')
    RETURNING {", ".join(f"delivery.{name}" for name in Delivery.__struct_fields__)}
"""
MOVE = """
    UPDATE delivery SET person_id = $2::uuid, key = CASE
        WHEN EXISTS (SELECT FROM delivery AS other
                     WHERE other.key = replace(delivery.key, $1::uuid::text, $2::uuid::text))
        THEN key ELSE replace(key, $1::uuid::text, $2::uuid::text) END
    WHERE person_id = $1::uuid
"""


class Trial(Struct, frozen=True, kw_only=True):
    """A template or campaign, to be sent to one address as the person would get it; without one, somebody made up."""

    address: str
    template_id: UUID | None = None
    campaign_id: UUID | None = None
    person_id: UUID | None = None


async def keys(connection: Connection, since: datetime) -> set[str]:
    """The keys of notices that were written down since."""
    return {row["key"] for row in await connection.fetch(KEYS, since)}


async def plan(connection: Connection, dues: Sequence[Due], at: datetime) -> int:
    """Insert notices whose keys are not there yet; how many they were."""
    columns = [
        [uuid4() for _ in dues],
        *([getattr(due, name) for due in dues] for name in (
            "key", "event", "days", "person_id", "name", "address", "second_address", "language", "template_id",
            "expires_on",
        )),
    ]  # fmt: skip
    return int(await connection.fetchval(PLAN, *columns, at))


async def add_trial(connection: Connection, trial: Trial, by: str, at: datetime) -> UUID:
    """Insert a message that somebody sends to themselves."""
    trial_id = uuid4()
    await connection.execute(
        ADD_TRIAL,
        trial_id,
        trial_key(trial_id),
        trial.person_id,
        trial.address,
        trial.template_id,
        trial.campaign_id,
        by,
        at,
    )
    return trial_id


async def get(connection: Connection, delivery_id: UUID) -> Delivery:
    """One delivery. NoSuchDelivery."""
    row = await connection.fetchrow(GET, delivery_id)
    if row is None:
        raise NoSuchDelivery(f"There is no delivery {delivery_id}: it may have been tidied away")
    return Delivery(**row)


async def listed(connection: Connection, query: DeliveryQuery) -> list[Delivery]:
    """A page of deliveries, the newest first."""
    rows = await connection.fetch(LIST, *_filters(query), query.after, query.limit)
    return [Delivery(**row) for row in rows]


async def count(connection: Connection, query: DeliveryQuery) -> int:
    """How many deliveries the query fits."""
    return int(await connection.fetchval(COUNT, *_filters(query)))


async def resend(connection: Connection, delivery_id: UUID, by: str, at: datetime) -> Delivery:
    """Have it sent again, to where the person has their mail now. NoSuchDelivery; NotInThisState."""
    row = await connection.fetchrow(RESEND, delivery_id, by, at)
    if row is None:
        state = (await get(connection, delivery_id)).state
        raise NotInThisState(f"This message is {state} now: wait until it is known what became of it")
    return Delivery(**row)


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Make them another person's, who then gets none of them again."""
    await connection.execute(MOVE, person_id, into)


def _filters(query: DeliveryQuery) -> Collection[object]:
    text = query.text.strip()
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%", query.state, query.kind, query.person, query.campaign
