"""Queries of the table `person_event`: what happened to people, for people to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from .servers import Connection
from .subscribers import EventKind, PersonEvent, SubscriptionPlan

COLUMNS = ", ".join(PersonEvent.__struct_fields__)

ADD = "INSERT INTO person_event (person_id, who, kind, before, after, note) VALUES ($1, $2, $3, $4, $5, $6)"
OF_PERSON = f"""
    SELECT {COLUMNS} FROM person_event WHERE person_id = $1 AND ($2::bigint IS NULL OR id < $2)
    ORDER BY id DESC LIMIT $3
"""
PLAN_CHANGED = """
    INSERT INTO person_event (person_id, who, kind, before, after, note)
    SELECT person_id, $2, 'plan_changed', $3, $4, $5 FROM subscription WHERE plan_id = $1 ORDER BY person_id
"""
TITLES = """
    SELECT library.id, library.title || ' (' || server.name || ')' AS title
    FROM library JOIN server ON server.id = server_id WHERE library.id = ANY($1::uuid[]) ORDER BY 2
"""
MOVE = "UPDATE person_event SET person_id = $2 WHERE person_id = $1"


async def add(
    connection: Connection,
    person_id: UUID,
    who: str,
    kind: EventKind,
    *,
    before: Any = None,
    after: Any = None,
    note: str = "",
) -> None:
    """Tell one thing."""
    await connection.execute(ADD, person_id, who, kind, *_plain(before, after), note)


async def add_many(
    connection: Connection, who: str, kind: EventKind, happened: Iterable[tuple[UUID, Any, Any]]
) -> None:
    """Tell the same of many people: of whom, and what was before and after."""
    await connection.executemany(
        ADD, [(person_id, who, kind, *_plain(before, after), "") for person_id, before, after in happened]
    )


async def plan_changed(connection: Connection, who: str, before: SubscriptionPlan, after: SubscriptionPlan) -> None:
    """Tell all who have a plan that its libraries are others now."""
    rows = await connection.fetch(TITLES, {*before.libraries, *after.libraries})
    was, now = (
        [row["title"] for row in rows if row["id"] in libraries] for libraries in (before.libraries, after.libraries)
    )
    await connection.execute(PLAN_CHANGED, before.id, who, was, now, after.name)


async def of_person(connection: Connection, person_id: UUID, after: int | None, limit: int) -> list[PersonEvent]:
    """A person's events older than `after`, the newest first."""
    return [PersonEvent(**row) for row in await connection.fetch(OF_PERSON, person_id, after, limit)]


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Make them another person's."""
    await connection.execute(MOVE, person_id, into)


def _plain(*values: Any) -> Iterable[Any]:
    # None must become the NULL that it is, not the word of that name in JSON.
    return (msgspec.to_builtins(value) for value in values)
