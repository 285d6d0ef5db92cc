"""Who is one person: two become one, or an account turns out to be somebody else's."""

from __future__ import annotations

from uuid import UUID

from . import accounts, deliveries, entries, events, managing, optouts, people, rules, servers, shokokeys, subscriptions
from .connections import alone
from .errors import Clash
from .servers import Connection


async def merge(connection: Connection, into: UUID, other: UUID, by: str) -> None:
    """Make two people one, who are locked. Clash."""
    if into == other:
        raise Clash("A person can't be merged with themselves: choose another one")
    if await subscriptions.get(connection, into) and await subscriptions.get(connection, other):
        raise Clash("Both have a subscription: end that of the person who is to go")
    # A sync that is about to give `other` an account must be over.
    await alone(connection)
    gone = await people.body(connection, other)
    # If rules decide for one of the two from now on, what the other was left with becomes rules as well.
    if await people.is_managed(connection, into) or await people.is_managed(connection, other):
        for person_id in (into, other):
            await managing.manage(connection, person_id, by)
    await people.absorb(connection, into, other)
    await accounts.move(connection, other, into)
    for room in (rules, subscriptions, events, entries, deliveries, optouts, shokokeys):
        await room.move(connection, other, into)
    await people.remove(connection, other)
    await events.add(connection, into, by, "merged", before=gone)


async def assign(connection: Connection, account_id: UUID, person_id: UUID, by: str) -> tuple[UUID, ...]:
    """Give an account to another person; the people concerned, who are locked now. NoSuchAccount; NoSuchPerson."""
    await alone(connection)
    account = await accounts.get(connection, account_id)
    owner = account.person_id
    if owner == person_id:
        return ()
    await people.lock(connection, [owner, person_id])
    if await people.is_managed(connection, person_id) and not await people.is_managed(connection, owner):
        await rules.find(connection, person_id, [account_id], by)
    await accounts.assign(connection, account_id, person_id)
    server = await servers.get(connection, account.server_id)
    told = {"account": account.title, "server": server.name}
    await events.add(connection, owner, by, "account_moved", before=told)
    await events.add(connection, person_id, by, "account_moved", after=told)
    return owner, person_id
