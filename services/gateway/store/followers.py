"""Which runs carry out what an earlier one held back, or take back what one has changed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from msgspec import Struct

from .database import Database

_FOLLOWERS = """
    SELECT params ->> 'approves' AS approved, params ->> 'undoes' AS undone, id FROM run
    WHERE params ? 'approves' AND params ->> 'approves' = ANY($1::text[])
       OR params ? 'undoes' AND params ->> 'undoes' = ANY($1::text[])
    ORDER BY id
"""


class Followers(Struct, frozen=True, kw_only=True):
    """The newest runs that were made to approve a run, and to undo it."""

    approved_by: UUID | None = None
    undone_by: UUID | None = None


NONE = Followers()


async def followers(database: Database, runs: Collection[UUID]) -> dict[UUID, Followers]:
    """The followers of those of these runs that have any."""
    approving: dict[str, UUID] = {}
    undoing: dict[str, UUID] = {}
    async with database.connection() as connection:
        for row in await connection.fetch(_FOLLOWERS, [str(run) for run in runs]):
            approving[row["approved"]] = undoing[row["undone"]] = row["id"]
    return {
        run: Followers(approved_by=approving.get(str(run)), undone_by=undoing.get(str(run)))
        for run in runs
        if str(run) in approving or str(run) in undoing
    }


async def changed_anything(database: Database, run: UUID) -> bool:
    """Whether the run has carried out any change of its plan."""
    query = "SELECT EXISTS (SELECT FROM change WHERE run = $1 AND state = 'done')"
    async with database.connection() as connection:
        return bool(await connection.fetchval(query, run))
