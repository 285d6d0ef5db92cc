"""asyncpg alone: rows a second by one upsert of 500 rows after another, nothing read, nothing computed."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from shared.contracts.ids import new_run

from ..house import House

_BATCH = 500
_SECONDS = 3.0


async def rows_a_second(house: House) -> float:
    """Into a table with the columns of a finished run."""
    async with house.database() as database:
        await database.execute(
            "CREATE TABLE bare (id uuid PRIMARY KEY, job text, state text, started_at timestamptz,"
            " finished_at timestamptz, attempt integer, outcome text, summary text)"
        )
        statement = (
            "INSERT INTO bare SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[],"
            " $5::timestamptz[], $6::integer[], $7::text[], $8::text[])"
            " ON CONFLICT (id) DO UPDATE SET state = excluded.state, finished_at = excluded.finished_at"
        )
        rows, began = 0, time.monotonic()
        while time.monotonic() - began < _SECONDS:
            now = datetime.now(UTC)
            row = ("job", "finished", now, now, 1, "succeeded", "nothing to do")
            columns = [[value] * _BATCH for value in row]
            await database.execute(statement, [new_run() for _ in range(_BATCH)], *columns)
            rows += _BATCH
        return rows / (time.monotonic() - began)
