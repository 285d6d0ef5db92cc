"""Queries of the table `person`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID, uuid4

from msgspec import structs

from shared.access.terms import PersonState

from .errors import NoSuchPerson
from .observation import SeenAccount
from .servers import Connection
from .subscribers import PersonBody, PersonEdit

# plex.tv's numbers are the same on all Plex servers; Jellyfin's ids are each server's own.
BEHIND = """
    SELECT DISTINCT ON (outside_id) outside_id, person_id FROM account JOIN server ON server.id = server_id
    WHERE outside_id = ANY($2::text[])
      AND (server_id = $1 OR kind = 'plex' AND (SELECT kind FROM server WHERE id = $1) = 'plex')
    ORDER BY outside_id, server_id = $1 DESC, account.created_at
"""
ADD_SEEN = "INSERT INTO person (id, name, email) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])"
# Always in the same order, so that two who decide about the same people never wait for each other.
LOCK = "SELECT id, name FROM person WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
BODY = ", ".join(PersonBody.__struct_fields__)
ADD = f"INSERT INTO person (id, {BODY}) VALUES ($1, $2, $3, $4, $5, $6)"
BODY_OF = f"SELECT {BODY} FROM person WHERE id = $1 FOR NO KEY UPDATE"
IS_MANAGED = "SELECT managed_since IS NOT NULL FROM person WHERE id = $1"
EDIT = "UPDATE person SET name = $2, email = $3, second_email = $4, language = $5, notes = $6 WHERE id = $1"
MANAGE = "UPDATE person SET managed_since = now() WHERE id = $1 AND managed_since IS NULL RETURNING true"
SUSPEND = """
    UPDATE person SET suspended_at = coalesce(suspended_at, now()), suspended_why = $2
    WHERE id = $1 AND (suspended_at IS NULL OR suspended_why <> $2) RETURNING true
"""
UNSUSPEND = """
    UPDATE person SET suspended_at = NULL, suspended_why = '' WHERE id = $1 AND suspended_at IS NOT NULL RETURNING true
"""
SET_STATES = """
    UPDATE person SET state = new.state, state_since = now() FROM unnest($1::uuid[], $2::text[]) AS new (id, state)
    WHERE person.id = new.id
"""
ABSORB = """
    UPDATE person SET
        email = coalesce(nullif(person.email, ''), other.email),
        second_email = coalesce(nullif(person.second_email, ''), nullif(other.second_email, ''),
                                nullif(nullif(other.email, person.email), ''), ''),
        language = coalesce(nullif(person.language, ''), other.language),
        notes = concat_ws(E'\n', nullif(person.notes, ''), nullif(other.notes, '')),
        managed_since = least(person.managed_since, other.managed_since),
        state = CASE person.state WHEN 'removed' THEN other.state ELSE person.state END,
        suspended_at = coalesce(person.suspended_at, other.suspended_at),
        suspended_why = coalesce(nullif(person.suspended_why, ''), other.suspended_why)
    FROM person AS other WHERE person.id = $1 AND other.id = $2
"""
REMOVE = "DELETE FROM person WHERE id = $1"
# Who has no subscription may have something by a rule; whose access has ended, by `always` alone.
WITHOUT_LIBRARIES = """
    SELECT id, name FROM person LEFT JOIN subscription ON subscription.person_id = person.id
    WHERE state NOT IN ('invited', 'suspended', 'removed') AND suspended_at IS NULL
        AND EXISTS (SELECT FROM account WHERE person_id = person.id)
        AND NOT EXISTS (
            SELECT FROM account WHERE person_id = person.id
            AND (state IN ('pending', 'wanted') OR state <> 'removed' AND role IN ('owner', 'admin'))
        )
        AND NOT EXISTS (
            SELECT FROM account JOIN observed_access ON account_id = account.id
            JOIN library ON library.id = library_id WHERE person_id = person.id AND library.removed_at IS NULL
        )
        AND (subscription.person_id IS NULL
             OR expires_on IS NOT NULL AND ended_for = expires_on AND spared_for IS DISTINCT FROM expires_on)
        AND NOT EXISTS (
            SELECT FROM access_rule AS rule JOIN library ON library.id = library_id
            WHERE rule.person_id = person.id AND library.removed_at IS NULL
            AND (effect = 'always' OR effect = 'allow' AND subscription.person_id IS NULL)
        )
    ORDER BY name, id
"""


async def behind(connection: Connection, server_id: UUID, accounts: Sequence[SeenAccount]) -> dict[str, UUID]:
    """Whose accounts on this server these are, by outside id: people known from here or from another Plex server, or
    new ones, who are added. Names and e-mail addresses join nobody."""
    known = await connection.fetch(BEHIND, server_id, [account.outside_id for account in accounts])
    people = {row["outside_id"]: row["person_id"] for row in known}
    strangers = {account.outside_id: (uuid4(), account) for account in accounts if account.outside_id not in people}
    await connection.execute(
        ADD_SEEN,
        [person_id for person_id, _ in strangers.values()],
        [account.title or account.username for _, account in strangers.values()],
        [account.email for _, account in strangers.values()],
    )
    return people | {outside_id: person_id for outside_id, (person_id, _) in strangers.items()}


async def lock(connection: Connection, person_ids: Collection[UUID]) -> None:
    """Let nobody else decide about these people until the transaction ends. NoSuchPerson."""
    found = await locked(connection, person_ids)
    for person_id in person_ids:
        if person_id not in found:
            raise missing(person_id)


async def locked(connection: Connection, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The same, with the names of those who are there."""
    return {row["id"]: row["name"] for row in await connection.fetch(LOCK, list(person_ids))}


async def add(connection: Connection, new: PersonBody) -> UUID:
    """Insert a person."""
    person_id = uuid4()
    await connection.execute(ADD, person_id, *structs.astuple(new))
    return person_id


async def body(connection: Connection, person_id: UUID) -> PersonBody:
    """What is said of a person, who is locked now. NoSuchPerson."""
    row = await connection.fetchrow(BODY_OF, person_id)
    if row is None:
        raise missing(person_id)
    return PersonBody(**row)


async def edit(connection: Connection, person_id: UUID, change: PersonEdit) -> tuple[PersonBody, PersonBody]:
    """Change what is said of a person; what was said before, and what after. NoSuchPerson."""
    before = await body(connection, person_id)
    given = {name: value for name, value in structs.asdict(change).items() if value is not None}
    after = structs.replace(before, **given)
    await connection.execute(EDIT, person_id, *structs.astuple(after))
    return before, after


async def is_managed(connection: Connection, person_id: UUID) -> bool:
    """Whether rules decide what the person has."""
    return bool(await connection.fetchval(IS_MANAGED, person_id))


async def manage(connection: Connection, person_id: UUID) -> bool:
    """From now on, rules decide what the person has; False if that is so already."""
    return bool(await connection.fetchval(MANAGE, person_id))


async def suspend(connection: Connection, person_id: UUID, why: str) -> bool:
    """Suspend a person; False if they are, for the same reason."""
    return bool(await connection.fetchval(SUSPEND, person_id, why))


async def unsuspend(connection: Connection, person_id: UUID) -> bool:
    """Suspend a person no more; False if they were not."""
    return bool(await connection.fetchval(UNSUSPEND, person_id))


async def set_states(connection: Connection, states: Mapping[UUID, PersonState]) -> None:
    """Give people other states."""
    await connection.execute(SET_STATES, list(states), list(states.values()))


async def absorb(connection: Connection, person_id: UUID, other: UUID) -> None:
    """Give a person what is said of another, where nothing is said of them; who of two is suspended, suspends both."""
    await connection.execute(ABSORB, person_id, other)


async def remove(connection: Connection, person_id: UUID) -> None:
    """Delete a person who has no account."""
    await connection.execute(REMOVE, person_id)


async def without_libraries(connection: Connection) -> dict[UUID, str]:
    """Names of people who have accounts but nothing on them, and nothing to come."""
    return {row["id"]: row["name"] for row in await connection.fetch(WITHOUT_LIBRARIES)}


def missing(person_id: UUID) -> NoSuchPerson:
    """There is no such person."""
    return NoSuchPerson(f"There is no person {person_id}: they may have been merged with another meanwhile")
