"""Accounts that are wanted: somebody is to be invited, and nothing of it is on the server yet."""

from __future__ import annotations

from uuid import UUID

from . import accounts, events, managing, people, servers
from .errors import NotInvitable
from .records import PRODUCTS
from .servers import Connection


async def want(connection: Connection, person_id: UUID, server_id: UUID, by: str) -> UUID:
    """Want an account for a person, who is locked. NoSuchServer; NotInvitable."""
    server = await servers.get(connection, server_id)
    person = await people.body(connection, person_id)
    if not server.serves_media:
        raise NotInvitable(f"{server.name} is a Shoko Server: nobody gets access there")
    if server.kind != "plex":
        raise NotInvitable(f"{server.name} is a {PRODUCTS[server.kind]} server: add {person.name} there by hand")
    if not person.email:
        raise NotInvitable(f"{person.name} has no e-mail address to send an invitation to: write it down first")
    former = await accounts.on_server(connection, person_id, server_id)
    if former is not None and former.state != "removed":
        raise NotInvitable(f"{person.name} has an account on {server.name} already, or is invited to it")
    if former is None:
        account_id = await accounts.want(connection, person_id, server_id, person)
    else:
        # Whoever comes back is whom they were: the sync that sees them again finds them by plex.tv's number.
        account_id = former.id
        await accounts.want_again(connection, account_id, person)
    await managing.manage(connection, person_id, by)
    await events.add(connection, person_id, by, "invited", after=server.name)
    return account_id


async def unwant(connection: Connection, account_id: UUID, by: str) -> UUID:
    """Want an account no more; whose it would have been, who is locked now. NoSuchAccount."""
    account = await accounts.wanted(connection, account_id)
    await people.lock(connection, [account.person_id])
    await accounts.unwant(connection, account_id)
    server = await servers.get(connection, account.server_id)
    await events.add(connection, account.person_id, by, "uninvited", before=server.name)
    return account.person_id
