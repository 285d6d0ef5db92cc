"""Queries for what the database itself can't forbid: each finds rows that contradict others, and may mend one of them.

A mending asks once more whether the row is still odd, in the statement that changes it. `$1` is the row's id.
What another job mends by itself as soon as it runs is odd only after a while.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from .oddityrecords import Oddity, OddityKind
from .sending import UNKNOWN
from .servers import Connection


class Look(Struct, frozen=True):
    """Finds `id`, `target` and `detail` of what is odd; `mend`: a statement that returns a row if it mended it."""

    find: str
    mend: str = ""


_ON = "account.title || ' on ' || server.name"
# A run that the projector knows, and that has not ended, may still go on with what it has left open.
_ABANDONED = """
    ledger.planned_at < now() - interval '1 day'
    AND NOT EXISTS (SELECT FROM jobs.run WHERE run.id = ledger.run AND run.state <> 'finished')
"""
_SERVER_GONE = """
    server_id IS NOT NULL AND NOT EXISTS (SELECT FROM server WHERE server.id = ledger.server_id)
    OR account_id IS NOT NULL AND NOT EXISTS (SELECT FROM account WHERE account.id = ledger.account_id)
"""
_LEDGER = "SELECT key AS id, target || ' (' || job || ')' AS target, kind AS detail FROM ledger"
_IN_HAND = "state IN ('claimed', 'sending') AND claimed_at < now() - interval '1 day'"
_NOTHING_OPEN = """
    state = 'sending' AND begun_at < now() - interval '1 day' AND NOT EXISTS (
        SELECT FROM delivery WHERE campaign_id = campaign.id AND kind = 'campaign'
        AND delivery.state IN ('due', 'claimed', 'sending', 'deferred')
    )
"""

LOOKS: Mapping[OddityKind, Look] = {
    "access_of_removed_account": Look(
        f"""
        SELECT account.id::text AS id, {_ON} AS target, count(*) || ' libraries' AS detail
        FROM observed_access JOIN account ON account.id = account_id JOIN server ON server.id = server_id
        WHERE account.state = 'removed' GROUP BY account.id, server.name
        """,
        """
        DELETE FROM observed_access USING account
        WHERE account.id = account_id AND account.state = 'removed' AND account.id = $1::uuid RETURNING true
        """,
    ),
    "access_to_removed_library": Look(
        """
        SELECT library.id::text AS id, library.title || ' on ' || server.name AS target,
            count(*) || ' accounts' AS detail
        FROM observed_access JOIN library ON library.id = library_id JOIN server ON server.id = server_id
        WHERE library.removed_at IS NOT NULL GROUP BY library.id, server.name
        """,
        """
        DELETE FROM observed_access USING library
        WHERE library.id = library_id AND library.removed_at IS NOT NULL AND library.id = $1::uuid RETURNING true
        """,
    ),
    "access_across_servers": Look(
        f"""
        SELECT account.id::text AS id, {_ON} AS target, string_agg(library.title, ', ' ORDER BY library.title) AS detail
        FROM observed_access JOIN account ON account.id = account_id JOIN library ON library.id = library_id
        JOIN server ON server.id = account.server_id
        WHERE library.server_id <> account.server_id GROUP BY account.id, server.name
        """,
        """
        DELETE FROM observed_access USING account, library WHERE account.id = account_id AND library.id = library_id
        AND library.server_id <> account.server_id AND account.id = $1::uuid RETURNING true
        """,
    ),
    "settled_of_removed_account": Look(
        f"""
        SELECT account.id::text AS id, {_ON} AS target, '' AS detail
        FROM settled_access JOIN account ON account.id = account_id JOIN server ON server.id = server_id
        WHERE account.state = 'removed'
        """,
        """
        DELETE FROM settled_access USING account
        WHERE account.id = account_id AND account.state = 'removed' AND account.id = $1::uuid RETURNING true
        """,
    ),
    "trouble_of_removed_account": Look(
        f"""
        SELECT account.id::text AS id, {_ON} AS target, error AS detail
        FROM access_trouble JOIN account ON account.id = account_id JOIN server ON server.id = server_id
        WHERE account.state = 'removed'
        """,
        """
        DELETE FROM access_trouble USING account
        WHERE account.id = account_id AND account.state = 'removed' AND account.id = $1::uuid RETURNING true
        """,
    ),
    "change_not_begun": Look(
        f"{_LEDGER} WHERE state = 'planned' AND {_ABANDONED}",
        f"""
        UPDATE ledger SET state = 'skipped', detail = 'its run ended before it', closed_at = now()
        WHERE key = $1 AND state = 'planned' AND {_ABANDONED} RETURNING true
        """,
    ),
    "change_without_server": Look(
        f"{_LEDGER} WHERE state = 'claimed' AND {_ABANDONED} AND ({_SERVER_GONE})",
        f"""
        UPDATE ledger SET state = 'failed', closed_at = now(),
            detail = 'its run ended in the midst of it, and what it was about is gone: nobody can tell any more'
        WHERE key = $1 AND state = 'claimed' AND {_ABANDONED} AND ({_SERVER_GONE}) RETURNING true
        """,
    ),
    "change_left_open": Look(f"{_LEDGER} WHERE state = 'claimed' AND {_ABANDONED} AND NOT ({_SERVER_GONE})"),
    # What was being sent may have arrived: nobody sends it again unless a person says so.
    "message_in_hand": Look(
        f"""
        SELECT id::text AS id, name || ' <' || address || '>' AS target, state AS detail FROM delivery WHERE {_IN_HAND}
        """,
        f"""
        UPDATE delivery SET
            state = CASE state WHEN 'claimed' THEN 'due' ELSE 'uncertain' END,
            answer = CASE state WHEN 'claimed' THEN answer ELSE '{UNKNOWN}' END,
            closed_at = CASE state WHEN 'claimed' THEN NULL ELSE now() END
        WHERE id = $1::uuid AND {_IN_HAND} RETURNING true
        """,
    ),
    "campaign_over": Look(
        f"SELECT id::text AS id, name AS target, '' AS detail FROM campaign WHERE {_NOTHING_OPEN}",
        f"""
        UPDATE campaign SET state = 'sent', ended_at = now() WHERE id = $1::uuid AND {_NOTHING_OPEN} RETURNING true
        """,
    ),
    "campaign_overdue": Look(
        """
        SELECT id::text AS id, name AS target, to_char(scheduled_at, 'YYYY-MM-DD HH24:MI') AS detail FROM campaign
        WHERE state = 'scheduled' AND scheduled_at < now() - interval '1 day'
        """
    ),
    "server_never_seen": Look(
        """
        SELECT id::text AS id, name AS target, last_error AS detail FROM server
        WHERE enabled AND last_seen_at IS NULL AND created_at < now() - interval '1 day'
        """
    ),
    "person_without_name": Look(
        """
        SELECT person.id::text AS id, coalesce(nullif(person.email, ''), person.id::text) AS target,
            coalesce(string_agg(account.title, ', '), '') AS detail
        FROM person LEFT JOIN account ON person_id = person.id WHERE btrim(person.name) = '' GROUP BY person.id
        """
    ),
    "person_without_anything": Look(
        """
        SELECT id::text AS id, name AS target, email AS detail FROM person
        WHERE state <> 'removed' AND created_at < now() - interval '7 days'
            AND NOT EXISTS (SELECT FROM account WHERE person_id = person.id)
            AND NOT EXISTS (SELECT FROM subscription WHERE person_id = person.id)
            AND NOT EXISTS (SELECT FROM access_rule WHERE person_id = person.id)
        """
    ),
    "plex_user_of_several": Look(
        """
        SELECT outside_id AS id, min(account.title) AS target,
            string_agg(DISTINCT person.name, ', ' ORDER BY person.name) AS detail
        FROM account JOIN server ON server.id = server_id JOIN person ON person.id = person_id
        WHERE server.kind = 'plex' AND account.state <> 'removed'
        GROUP BY outside_id HAVING count(DISTINCT person_id) > 1
        """
    ),
    "subscription_of_removed": Look(
        """
        SELECT id::text AS id, name AS target, coalesce('until ' || expires_on, 'for life') AS detail
        FROM person JOIN subscription ON person_id = person.id
        WHERE state = 'removed' AND coalesce(expires_on >= current_date, true)
        """
    ),
    "subscription_of_unmanaged": Look(
        """
        SELECT id::text AS id, name AS target, coalesce('until ' || expires_on, 'for life') AS detail
        FROM person JOIN subscription ON person_id = person.id WHERE managed_since IS NULL
        """
    ),
    "plan_with_removed_library": Look(
        """
        SELECT plan_id::text || library_id AS id, plan.name AS target, title AS detail FROM plan_library
        JOIN subscription_plan AS plan ON plan.id = plan_id JOIN library ON library.id = library_id
        WHERE removed_at < now() - interval '30 days'
        """
    ),
    "rule_for_removed_library": Look(
        """
        SELECT person_id::text || library_id AS id, person.name AS target, title AS detail FROM access_rule
        JOIN person ON person.id = person_id JOIN library ON library.id = library_id
        WHERE removed_at < now() - interval '30 days'
        """
    ),
}


async def found(connection: Connection, kind: OddityKind, most: int) -> list[Oddity]:
    """At most so many oddities of a kind, always in the same order."""
    query = f"SELECT id, target, detail FROM ({LOOKS[kind].find}) AS odd ORDER BY target, id LIMIT $1"
    return [Oddity(kind=kind, **row) for row in await connection.fetch(query, most)]


async def mend(connection: Connection, oddity: Oddity) -> bool:
    """Mend it, if it can be mended and is still odd."""
    statement = LOOKS[oddity.kind].mend
    return bool(statement) and bool(await connection.fetch(statement, oddity.id))
