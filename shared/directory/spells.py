"""Queries of the table `server_spell`: how long servers were in one state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from .availability import Spell
from .observation import ServerState
from .servers import Connection

# Clocks of workers differ a little: a spell never begins before the one before it has ended.
END_OTHER = """
    UPDATE server_spell SET until = greatest(since, $3::timestamptz)
    WHERE server_id = $1 AND until IS NULL AND state <> $2
"""
BEGIN = """
    INSERT INTO server_spell (server_id, state, since, error)
    SELECT id, $2, greatest($3, (SELECT max(until) FROM server_spell WHERE server_id = $1)), $4
    FROM server WHERE id = $1 AND enabled
        AND NOT EXISTS (SELECT FROM server_spell WHERE server_id = $1 AND until IS NULL)
"""
END = "UPDATE server_spell SET until = greatest(since, now()) WHERE server_id = $1 AND until IS NULL"
LIST = """
    SELECT state, since, until, error FROM server_spell
    WHERE server_id = $1 AND (until IS NULL OR until > $2) ORDER BY since DESC, id DESC
"""


async def note(connection: Connection, server_id: UUID, state: ServerState, error: str, at: datetime) -> None:
    """The server, whose row is locked, was found like that; of one that is disabled nothing is kept."""
    await connection.execute(END_OTHER, server_id, state, at)
    await connection.execute(BEGIN, server_id, state, at, error)


async def end(connection: Connection, server_id: UUID) -> None:
    """Nobody looks at the server any more: from now on it is not known how it is."""
    await connection.execute(END, server_id)


async def since(connection: Connection, server_id: UUID, moment: datetime) -> Sequence[Spell]:
    """The spells that lasted beyond that moment, the newest first."""
    return [Spell(**row) for row in await connection.fetch(LIST, server_id, moment)]
