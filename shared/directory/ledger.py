"""The ledger: effects outside, written down before they happen and closed after. No row is ever deleted."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

import asyncpg

from shared.access.states import AccountState
from shared.access.terms import Libraries

from . import entries, events, looking, settled, troubles
from .connections import alone
from .effects import ClosedState, LedgerRow
from .errors import NoSuchAccount


class Ledger:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def write(self, rows: Collection[LedgerRow]) -> None:
        """Write rows down, all or none; a key that is there already keeps its row as it is."""
        async with self._pool.acquire() as connection, connection.transaction():
            await entries.add(connection, rows)

    async def of_run(self, run: UUID) -> list[LedgerRow]:
        """A run's rows, in the order of its plan."""
        async with self._pool.acquire() as connection:
            return await entries.of_run(connection, run)

    async def held(self, job: str) -> list[LedgerRow]:
        """The rows of a job that wait for approval, the oldest first."""
        async with self._pool.acquire() as connection:
            return await entries.held(connection, job)

    async def held_accounts(self) -> dict[UUID, UUID]:
        """The accounts of which a change waits for approval, each with the run that waits."""
        async with self._pool.acquire() as connection:
            return await entries.held_accounts(connection)

    async def left_open(self, job: str) -> list[LedgerRow]:
        """The rows of a job that its runs have neither closed nor held, the oldest first."""
        async with self._pool.acquire() as connection:
            return await entries.left_open(connection, job)

    async def latest(self, account_ids: Collection[UUID]) -> dict[UUID, LedgerRow]:
        """The last change of access that was done of each of these accounts."""
        async with self._pool.acquire() as connection:
            rows = await entries.latest(connection, account_ids)
            return {row.account_id: row for row in rows if row.account_id is not None}

    async def claim(self, key: str) -> bool:
        """Say that the effect is about to happen. False: the row is no longer planned, so it must not."""
        async with self._pool.acquire() as connection:
            return await entries.claim(connection, key)

    async def close(self, key: str, state: ClosedState, detail: str = "") -> bool:
        """Say what became of a row, and why. False: it was closed before, and stays as it was."""
        async with self._pool.acquire() as connection:
            return await entries.close(connection, key, state, detail) is not None

    async def close_access(
        self,
        key: str,
        account_id: UUID,
        present: Libraries,
        *,
        all_libraries: bool,
        locked_by_us: bool,
        state: AccountState | None = None,
        outside_id: str = "",
        share_id: str = "",
        detail: str = "",
    ) -> bool:
        """A change of an account is done: close the row, with what the account has now as observed and settled.

        `state`: the account's, if it is another now. `outside_id` and `share_id`: its names on the server, if an
        invitation gave it some. False: the row was closed before; nothing is written.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await alone(connection)
            row = await entries.close(connection, key, "done", detail)
            if row is None:
                return False
            # It is done, even if the account was deleted from the directory meanwhile.
            with suppress(NoSuchAccount):
                if outside_id:
                    account_id = await looking.name(connection, account_id, outside_id, share_id)
                await looking.write(connection, account_id, present, all_libraries=all_libraries, state=state)
                await settled.put(connection, account_id, present, locked_by_us=locked_by_us)
                await troubles.clear(connection, [account_id])
            if row.person_id is not None:
                await events.add(
                    connection, row.person_id, row.job, "access", before=row.before, after=row.after, note=row.why
                )
            return True

    async def release(self, run: UUID, by_run: UUID) -> int:
        """Close the held rows of `run`, which was approved: `by_run` carries them out. How many there were."""
        async with self._pool.acquire() as connection:
            return await entries.release(connection, run, by_run)

    async def mark_undone(self, keys: Collection[str], by_run: UUID) -> None:
        """Say which run took these effects back."""
        async with self._pool.acquire() as connection:
            await entries.mark_undone(connection, keys, by_run)
