"""Controls that a restored backup has brought, until the scheduler has taken them over."""

from __future__ import annotations

import msgspec

from shared.contracts.controls import Control

from .database import Database


async def read(database: Database) -> list[Control]:
    """All that wait."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT body FROM restored_control ORDER BY job")
    return [msgspec.convert(row["body"], Control) for row in rows]


async def remove(database: Database, control: Control) -> None:
    """Forget one, unless another restore has brought another since."""
    statement = "DELETE FROM restored_control WHERE job = $1 AND body ->> 'changed_at' IS NOT DISTINCT FROM $2"
    changed_at = msgspec.to_builtins(control)["changed_at"]
    async with database.connection() as connection:
        await connection.execute(statement, control.job, changed_at)
