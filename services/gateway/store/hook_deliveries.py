"""Of which run which hook is told: decided with the run's end in one transaction, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from shared.contracts.reports import Outcome

from ..hooks.rules import Ended, concerns, tellings
from ..hooks.terms import DeliveryState, HookDelivery, ToldEvent
from .database import Connection, Database
from .hooks_out import listening

_COLUMNS = """
    hook_delivery.id, number, hook_out.name AS hook, run, job, event, state, tries, status, answer,
    hook_delivery.created_at, next_at, closed_at
"""
_FROM = "FROM hook_delivery JOIN hook_out ON hook_out.id = hook_delivery.hook"
ANYBODY_LISTENS = "EXISTS (SELECT FROM hook_out WHERE enabled)"
"""Whether there is a hook to be told of runs at all: a condition for a query."""
_DECIDE = """
    INSERT INTO hook_delivery (id, hook, run, job, event, created_at, next_at)
    SELECT *, now(), now() FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
    ON CONFLICT (id) DO NOTHING
"""
_BEFORE = """
    SELECT ended.id, earlier.outcome FROM unnest($1::uuid[], $2::text[]) AS ended (id, job)
    CROSS JOIN LATERAL (
        SELECT outcome FROM run
        WHERE run.job = ended.job AND run.id < ended.id AND outcome IN ('succeeded', 'failed')
        ORDER BY run.id DESC LIMIT 1
    ) AS earlier
"""
# The first that is due of each hook. Whoever dies with it in hand has it tried again by whoever comes after `next_at`.
_CLAIM = """
    WITH chosen AS (
        SELECT first.id FROM hook_out
        CROSS JOIN LATERAL (
            SELECT id, next_at FROM hook_delivery WHERE hook = hook_out.id AND state = 'due' AND next_at <= now()
            ORDER BY next_at, number LIMIT 1 FOR UPDATE SKIP LOCKED
        ) AS first
        WHERE enabled AND NOT (hook_out.id = ANY($1)) ORDER BY first.next_at LIMIT $2
    )
    UPDATE hook_delivery SET tries = tries + 1, next_at = now() + $3 FROM chosen WHERE hook_delivery.id = chosen.id
    RETURNING hook_delivery.id, hook, run, event, tries
"""


# All but the newest so many of each hook; at most so many at a time, for there may be very many.
_TOO_MANY = """
    WITH oldest AS (
        SELECT of_hook.id FROM hook_out
        CROSS JOIN LATERAL (
            SELECT id FROM hook_delivery WHERE hook = hook_out.id AND state = 'due'
            ORDER BY number DESC LIMIT $2 OFFSET $1
        ) AS of_hook
    )
    UPDATE hook_delivery SET state = 'failed', status = NULL, answer = $3, closed_at = $4 FROM oldest
    WHERE hook_delivery.id = oldest.id AND state = 'due' RETURNING true
"""


class Claimed(Struct, frozen=True, kw_only=True):
    """A delivery that is ours to send; it is the `tries`-th try."""

    id: UUID
    hook: UUID
    run: UUID | None
    event: ToldEvent
    tries: int


class Settled(Struct, frozen=True, kw_only=True):
    """What a try came to; if it is due still, it is tried again at `next_at`."""

    state: DeliveryState
    status: int | None
    answer: str
    next_at: datetime


class DeliveryQuery(Struct, frozen=True, kw_only=True):
    """Which deliveries: those for which all that is given holds. `text` is looked for in jobs, runs and answers."""

    text: str = ""
    hook: str | None = None
    state: DeliveryState | None = None
    event: ToldEvent | None = None
    before: int


async def decide(connection: Connection, ended: Sequence[Ended]) -> None:
    """Keep which hook is to be told of which of these runs, which stand in the database; once a hook and run."""
    hooks = await listening(connection)
    concerned = [run for run in ended if any(concerns(hook, run.job, run.category) for hook in hooks)]
    told = tellings(hooks, concerned, await _outcomes_before(connection, concerned))
    if told:
        await connection.execute(_DECIDE, *map(list, zip(*told, strict=True)))


async def _outcomes_before(connection: Connection, ended: Sequence[Ended]) -> dict[UUID, Outcome]:
    rows = await connection.fetch(_BEFORE, [run.id for run in ended], [run.job for run in ended])
    return {row["id"]: row["outcome"] for row in rows}


async def add_test(database: Database, id: UUID, hook: UUID, at: datetime) -> None:
    """A delivery that is about no run, due now."""
    query = """
        INSERT INTO hook_delivery (id, hook, job, event, created_at, next_at) VALUES ($1, $2, '', 'test', $3, $3)
    """
    async with database.connection() as connection:
        await connection.execute(query, id, hook, at)


async def give_up_oldest(database: Database, most: int, at_once: int, answer: str, at: datetime) -> int:
    """Let no more than `most` be due of each hook: the oldest are given up, with this answer; how many those were."""
    async with database.connection() as connection:
        return len(await connection.fetch(_TOO_MANY, most, at_once, answer, at))


async def claim(database: Database, busy: Collection[UUID], limit: int, lease: timedelta) -> list[Claimed]:
    """At most `limit` due deliveries, one a hook and none of the hooks `busy`: nobody else has them for the lease."""
    async with database.connection() as connection:
        return [Claimed(**row) for row in await connection.fetch(_CLAIM, list(busy), limit, lease)]


async def count_due(database: Database) -> dict[str, float]:
    """By hook, of all hooks, how many deliveries are due, now or later."""
    query = """
        SELECT hook_out.name, count(hook_delivery.id) FROM hook_out
        LEFT JOIN hook_delivery ON hook_delivery.hook = hook_out.id AND hook_delivery.state = 'due'
        GROUP BY hook_out.name
    """
    async with database.connection() as connection:
        return {row["name"]: float(row["count"]) for row in await connection.fetch(query)}


async def settle(database: Database, claimed: Claimed, settled: Settled, at: datetime) -> None:
    """Keep what a try came to, unless somebody has had it sent again meanwhile."""
    query = """
        UPDATE hook_delivery SET state = $3, status = $4, answer = $5, next_at = $6,
            closed_at = CASE WHEN $3 <> 'due' THEN $7::timestamptz END
        WHERE id = $1 AND tries = $2 AND state = 'due'
    """
    values = settled.state, settled.status, settled.answer, settled.next_at
    async with database.connection() as connection:
        await connection.execute(query, claimed.id, claimed.tries, *values, at)


async def send_again(database: Database, id: UUID, at: datetime) -> bool:
    """Have it sent now, whatever became of it; False if there is none with this id."""
    query = """
        UPDATE hook_delivery SET state = 'due', tries = 0, next_at = $2, closed_at = NULL WHERE id = $1 RETURNING true
    """
    async with database.connection() as connection:
        return bool(await connection.fetchval(query, id, at))


async def find(database: Database, id: UUID) -> HookDelivery | None:
    """The delivery with this id."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS} {_FROM} WHERE hook_delivery.id = $1", id)
        return None if row is None else HookDelivery(**row)


async def newest(database: Database, wanted: DeliveryQuery, limit: int) -> list[HookDelivery]:
    """The newest `limit` deliveries that are wanted, newest first."""
    query = f"""
        SELECT {_COLUMNS} {_FROM}
        WHERE number < $1 AND ($2::text IS NULL OR hook_out.name = $2) AND ($3::text IS NULL OR state = $3)
            AND ($4::text IS NULL OR event = $4)
            AND ($5 = '' OR position(lower($5) IN lower(concat_ws(' ', job, run, answer))) > 0)
        ORDER BY number DESC LIMIT $6
    """
    values = wanted.before, wanted.hook, wanted.state, wanted.event, wanted.text
    async with database.connection() as connection:
        return [HookDelivery(**row) for row in await connection.fetch(query, *values, limit)]
