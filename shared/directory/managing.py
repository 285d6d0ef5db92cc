"""The moment from which on rules decide what a person has."""

from __future__ import annotations

from uuid import UUID

from . import accounts, events, people, rules
from .servers import Connection


async def manage(connection: Connection, person_id: UUID, by: str, *, keep: bool = True) -> None:
    """Have rules decide, if they do not yet, as the first decision about a person makes them do.

    `keep`: what their accounts have now and their plan does not give, becomes rules, so that nothing is lost by
    surprise. The plan must be known by then.
    """
    if await people.manage(connection, person_id):
        await events.add(connection, person_id, by, "managed")
        if keep:
            await rules.find(connection, person_id, await accounts.of_person(connection, person_id), by)
