"""What decides about access, read at once; and what is written down about it between two runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.access.states import AccountState
from shared.access.terms import Effect, Libraries, Servings, Subscriber

from . import events, looking, people, rules, servings, settled, subscriptions, troubles
from .subscribers import Origin
from .troubles import Trouble

__all__ = ["AccessBook", "Trouble"]


class AccessBook:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`. Libraries go by their numbers; see `Directory.libraries`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def servings(self, server_id: UUID) -> Servings:
        """A server with all accounts that are there or wanted, and their people: one snapshot. NoSuchServer."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await servings.of_server(connection, server_id)

    async def serving_of(self, account_id: UUID) -> Servings:
        """The same with one account alone, whatever its state, and its person. NoSuchAccount."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await servings.of_account(connection, account_id)

    async def subscriber(self, person_id: UUID) -> Subscriber:
        """A person with their rules for libraries of all servers. NoSuchPerson."""
        async with self._pool.acquire() as connection:
            return await servings.subscriber(connection, person_id)

    async def lapsed(self, today: date) -> list[Subscriber]:
        """Managed people whose last day is over, by name; with their rules for libraries of all servers."""
        async with self._pool.acquire() as connection:
            return await servings.lapsed(connection, today)

    async def without_libraries(self) -> Mapping[UUID, str]:
        """Names of people who have accounts, but on them nothing, and who are to have nothing.

        Left out are those who are invited, suspended or removed, and whoever owns or administers a server.
        """
        async with self._pool.acquire() as connection:
            return await people.without_libraries(connection)

    async def note_look(
        self, account_id: UUID, observed: Libraries, *, all_libraries: bool, state: AccountState
    ) -> None:
        """Write down what a fresh look at an account gave. NoSuchAccount."""
        async with self._pool.acquire() as connection, connection.transaction():
            await looking.write(connection, account_id, observed, all_libraries=all_libraries, state=state)

    async def settle(self, accounts: Mapping[UUID, Libraries]) -> None:
        """Write down, by account, what accounts have that are as they should be; an account that is gone is left out.

        An account that is not disabled is not locked by us any more either.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await settled.put_all(connection, accounts)

    async def settled_at(self, account_ids: Collection[UUID]) -> dict[UUID, datetime]:
        """When these accounts were last as they should be; one that never was is left out."""
        async with self._pool.acquire() as connection:
            return await settled.times(connection, account_ids)

    async def trouble(self) -> dict[UUID, Trouble]:
        """The accounts on which a change failed."""
        async with self._pool.acquire() as connection:
            return await troubles.listed(connection)

    async def note_trouble(self, account_id: UUID, error: str, next_at: datetime) -> None:
        """Write down that a change failed once more, and when it is to be tried again."""
        async with self._pool.acquire() as connection:
            await troubles.note(connection, account_id, error, next_at)

    async def clear_trouble(self, account_ids: Collection[UUID]) -> None:
        """Forget what failed on these accounts."""
        async with self._pool.acquire() as connection:
            await troubles.clear(connection, account_ids)

    async def adopt(
        self, person_id: UUID, effects: Mapping[int, Effect | None], origin: Origin, who: str, note: str
    ) -> None:
        """Give a person rules by the numbers of libraries, or (None) take them. NoSuchPerson.

        A library that is gone is left out.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await people.lock(connection, [person_id])
            by_id = await rules.by_library_id(connection, effects)
            await rules.decide(connection, person_id, by_id, origin=origin, who=who, note=note)

    async def end(self, person_id: UUID, expires_on: date, *, approved: bool, who: str, note: str = "") -> bool:
        """End a person's access for this last day. False: the last day is another now, or it was ended before.

        `approved`: a person has agreed to this end, so that it counts against no limit. NoSuchPerson.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await people.lock(connection, [person_id])
            done = await subscriptions.end(connection, person_id, expires_on, approved)
            if done:
                await events.add(connection, person_id, who, "ended", after=expires_on, note=note)
            return done

    async def spare(self, person_id: UUID, expires_on: date, *, who: str, note: str = "") -> bool:
        """Undo the end for this last day. False: the last day is another now. NoSuchPerson."""
        async with self._pool.acquire() as connection, connection.transaction():
            await people.lock(connection, [person_id])
            done = await subscriptions.spare(connection, person_id, expires_on)
            if done:
                await events.add(connection, person_id, who, "spared", before=expires_on, note=note)
            return done
