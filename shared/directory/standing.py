"""States of people, made what the rule says: always by whoever changes what the rule looks at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from shared.access.states import AccountState, state_of
from shared.access.terms import AccessPolicy, Subscriber

from . import events, people, subscriptions
from .servers import Connection
from .subscribers import StateChange

READ = f"""
    SELECT person.id, name, state, managed_since IS NOT NULL AS managed, suspended_at IS NOT NULL AS suspended,
        array(SELECT account.state FROM account WHERE person_id = person.id) AS accounts,
        state = 'removed' AND EXISTS (
            SELECT FROM account JOIN observed_access ON account_id = account.id WHERE person_id = person.id
        ) AS seen_again, {subscriptions.COLUMNS}
    FROM person LEFT JOIN subscription ON subscription.person_id = person.id
    WHERE $1::uuid[] IS NULL OR person.id = ANY($1) ORDER BY person.id
"""


class Standing(Struct, frozen=True):
    """All that decides which state a person is in. `seen_again`: removed, but a server gives them libraries."""

    subscriber: Subscriber
    accounts: tuple[AccountState, ...]
    seen_again: bool


async def refresh(
    connection: Connection,
    person_ids: Collection[UUID],
    today: date,
    policy: AccessPolicy,
    by: str,
    *,
    back: bool = False,
) -> list[StateChange]:
    """Make the states of these people right, in a transaction that has locked them.

    `back`: whoever was removed is so no more.
    """
    changes = _changes(await _read(connection, person_ids), today, policy, back)
    if changes:
        await people.set_states(connection, {change.person_id: change.after for change in changes})
        came_back = [change for change in changes if change.before == "removed"]
        others = [change for change in changes if change.before != "removed"]
        await events.add_many(connection, by, "came_back", (_happened(change) for change in came_back))
        await events.add_many(connection, by, "state", (_happened(change) for change in others))
    return changes


async def refresh_all(
    connection: Connection, person_ids: Collection[UUID] | None, today: date, policy: AccessPolicy, by: str
) -> list[StateChange]:
    """The same for some people or for all, none of them locked; and last days of open invitations are put off."""
    # Of thousands few change: those alone are locked, and looked at again.
    slidable = await subscriptions.slidable(connection, person_ids, today)
    candidates = _changes(await _read(connection, person_ids), today, policy, False)
    concerned = {one.person_id for one in slidable} | {change.person_id for change in candidates}
    await people.locked(connection, concerned)
    slid = await subscriptions.slidable(connection, [one.person_id for one in slidable], today)
    await subscriptions.slide(connection, slid)
    await events.add_many(connection, by, "slid", ((one.person_id, one.before, one.after) for one in slid))
    return await refresh(connection, [change.person_id for change in candidates], today, policy, by)


async def remove(connection: Connection, person_ids: Collection[UUID], by: str, note: str) -> None:
    """Put people aside. NoSuchPerson."""
    await people.lock(connection, person_ids)
    standings = await _read(connection, person_ids)
    before = {one.subscriber.id: one.subscriber.state for one in standings if one.subscriber.state != "removed"}
    await people.set_states(connection, dict.fromkeys(before, "removed"))
    for person_id, state in before.items():
        await events.add(connection, person_id, by, "removed", before=state, after="removed", note=note)


async def _read(connection: Connection, person_ids: Collection[UUID] | None) -> list[Standing]:
    rows = await connection.fetch(READ, None if person_ids is None else list(person_ids))
    return [_standing(row) for row in rows]


def _standing(row: asyncpg.Record) -> Standing:
    subscriber = Subscriber(
        id=row["id"],
        name=row["name"],
        state=row["state"],
        managed=row["managed"],
        suspended=row["suspended"],
        subscription=subscriptions.of_row(row),
    )
    return Standing(subscriber, tuple(row["accounts"]), row["seen_again"])


def _changes(standings: Collection[Standing], today: date, policy: AccessPolicy, back: bool) -> list[StateChange]:
    changes = []
    for standing in standings:
        subscriber = standing.subscriber
        if subscriber.state == "removed" and (back or standing.seen_again):
            subscriber = structs.replace(subscriber, state="active")
        after = state_of(subscriber, standing.accounts, today, policy)
        if after != standing.subscriber.state:
            changes.append(StateChange(subscriber.id, subscriber.name, standing.subscriber.state, after))
    return changes


def _happened(change: StateChange) -> tuple[UUID, str, str]:
    return change.person_id, change.before, change.after
