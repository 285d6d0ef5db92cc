"""Queries of the table `person`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from .observation import SeenAccount
from .records import Person
from .servers import Connection

COLUMNS = ", ".join(Person.__struct_fields__)

LIST = f"""
    SELECT {COLUMNS} FROM person
    WHERE $1::uuid IS NULL OR (name, id) > (SELECT name, id FROM person WHERE id = $1) ORDER BY name, id LIMIT $2
"""
# plex.tv's numbers are the same on all Plex servers; Jellyfin's ids are each server's own.
BEHIND = """
    SELECT DISTINCT ON (outside_id) outside_id, person_id FROM account JOIN server ON server.id = server_id
    WHERE outside_id = ANY($2::text[])
      AND (server_id = $1 OR kind = 'plex' AND (SELECT kind FROM server WHERE id = $1) = 'plex')
    ORDER BY outside_id, server_id = $1 DESC, account.created_at
"""
ADD = "INSERT INTO person (id, name, email) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])"


async def listed(connection: Connection, after: UUID | None, limit: int) -> list[Person]:
    """People by name, `limit` of them, those that come after the person `after`."""
    return [Person(**row) for row in await connection.fetch(LIST, after, limit)]


async def behind(connection: Connection, server_id: UUID, accounts: Sequence[SeenAccount]) -> dict[str, UUID]:
    """Whose accounts on this server these are, by outside id: people known from here or from another Plex server, or
    new ones, who are added. Names and e-mail addresses join nobody."""
    known = await connection.fetch(BEHIND, server_id, [account.outside_id for account in accounts])
    people = {row["outside_id"]: row["person_id"] for row in known}
    strangers = {account.outside_id: (uuid4(), account) for account in accounts if account.outside_id not in people}
    await connection.execute(
        ADD,
        [person_id for person_id, _ in strangers.values()],
        [account.title or account.username for _, account in strangers.values()],
        [account.email for _, account in strangers.values()],
    )
    return people | {outside_id: person_id for outside_id, (person_id, _) in strangers.items()}
