"""Queries of the table `access_rule`: exceptions of one person for one library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import asyncpg

from shared.access.terms import Effect

from . import events
from .errors import NoSuchLibrary
from .servers import Connection
from .subscribers import Origin, Rule

COLUMNS = ", ".join(Rule.__struct_fields__)

OF_PERSON = f"SELECT {COLUMNS} FROM access_rule WHERE person_id = $1 ORDER BY at, library_id"
BEFORE = """
    SELECT library.id, library.title || ' (' || server.name || ')' AS title, rule.effect, rule.origin, rule.note
    FROM library JOIN server ON server.id = server_id
    LEFT JOIN access_rule AS rule ON rule.library_id = library.id AND rule.person_id = $1
    WHERE library.id = ANY($2::uuid[])
"""
PUT = """
    INSERT INTO access_rule (person_id, library_id, effect, origin, who, note)
    SELECT $1::uuid, *, $4, $5, $6 FROM unnest($2::uuid[], $3::text[])
    ON CONFLICT (person_id, library_id) DO UPDATE
    SET effect = excluded.effect, origin = excluded.origin, who = excluded.who, note = excluded.note, at = now()
"""
REMOVE = "DELETE FROM access_rule WHERE person_id = $1 AND library_id = ANY($2::uuid[])"
BY_NUMBER = "SELECT id, number FROM library WHERE number = ANY($1::integer[])"
# What a person made `always` is meant so; what was given by hand after an end is to end with the next one. While
# somebody is suspended, or their access has ended (still), it is all that they have.
END_ALWAYS = """
    UPDATE access_rule AS rule SET effect = 'allow', at = now()
    WHERE person_id = $1 AND effect = 'always' AND origin <> 'person'
        AND NOT EXISTS (SELECT FROM person WHERE id = rule.person_id AND suspended_at IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM subscription AS ended WHERE ended.person_id = rule.person_id
            AND ended_for = expires_on AND spared_for IS DISTINCT FROM expires_on
        )
"""
MOVE = """
    UPDATE access_rule AS rule SET person_id = $2 WHERE person_id = $1
    AND NOT EXISTS (SELECT FROM access_rule WHERE person_id = $2 AND library_id = rule.library_id)
"""
# What the owner of a server sees there is nobody's to decide.
FIND = """
    INSERT INTO access_rule (person_id, library_id, effect, origin, who)
    SELECT DISTINCT $1::uuid, library.id, 'allow', 'found', $2
    FROM account JOIN observed_access ON account_id = account.id JOIN library ON library.id = library_id
    WHERE account.id = ANY($3::uuid[]) AND role <> 'owner' AND library.removed_at IS NULL AND NOT EXISTS (
        SELECT FROM subscription JOIN plan_library USING (plan_id)
        WHERE person_id = $1 AND plan_library.library_id = library.id
    )
    ON CONFLICT DO NOTHING
"""


async def of_person(connection: Connection, person_id: UUID) -> list[Rule]:
    """A person's rules, the oldest first."""
    return [Rule(**row) for row in await connection.fetch(OF_PERSON, person_id)]


async def by_library_id(connection: Connection, effects: Mapping[int, Effect | None]) -> dict[UUID, Effect | None]:
    """The same, by the libraries' ids instead of their numbers; those that are gone are left out."""
    rows = await connection.fetch(BY_NUMBER, list(effects))
    return {row["id"]: effects[row["number"]] for row in rows}


async def decide(
    connection: Connection,
    person_id: UUID,
    effects: Mapping[UUID, Effect | None],
    *,
    origin: Origin,
    who: str,
    note: str,
) -> None:
    """Make the rules of libraries what they should be (None: none), and tell the person's history. NoSuchLibrary."""
    found = {row["id"]: row for row in await connection.fetch(BEFORE, person_id, list(effects))}
    for library_id in effects:
        if library_id not in found:
            raise NoSuchLibrary(f"There is no library {library_id}: it may have been removed meanwhile")
    changed = [key for key, effect in effects.items() if _differs(found[key], effect, origin, note)]
    if not changed:
        return
    made = {library_id: effect for library_id in changed if (effect := effects[library_id]) is not None}
    await connection.execute(PUT, person_id, list(made), list(made.values()), origin, who, note)
    await connection.execute(REMOVE, person_id, [library_id for library_id in changed if library_id not in made])
    await events.add(
        connection,
        person_id,
        who,
        "rule",
        before={found[key]["title"]: found[key]["effect"] for key in changed},
        after={found[key]["title"]: effects[key] for key in changed},
        note=note,
    )


async def end_always(connection: Connection, person_id: UUID) -> None:
    """Let what was given beyond the end of access end with access again, if the person has access (again).

    What a person made so stays.
    """
    await connection.execute(END_ALWAYS, person_id)


async def find(connection: Connection, person_id: UUID, account_ids: Iterable[UUID], who: str) -> None:
    """Let a person keep what these accounts were seen to have and their plan does not give."""
    await connection.execute(FIND, person_id, who, list(account_ids))


async def move(connection: Connection, person_id: UUID, into: UUID) -> None:
    """Make them another person's, but those for libraries for which that person has a rule."""
    await connection.execute(MOVE, person_id, into)


def _differs(rule: asyncpg.Record, effect: Effect | None, origin: Origin, note: str) -> bool:
    # A person may say anew why; what a run finds as it should be, it leaves to whoever made it so.
    return rule["effect"] != effect or (
        effect is not None and origin == "person" and (rule["origin"], rule["note"]) != (origin, note)
    )
