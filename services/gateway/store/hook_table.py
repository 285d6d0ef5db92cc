"""What the tables of hooks in and of hooks out have in common: a name, a secret, and what people decide."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec
from msgspec import Struct, structs

from ..hooks.terms import HookIn, HookOut
from .database import Database, Row

H = TypeVar("H", HookIn, HookOut)


class HookTable(Generic[H]):
    """One of the two tables. Its columns are called as the fields of `kind`, and of what is given to be written."""

    def __init__(self, table: str, kind: type[H]) -> None:
        self._table = table
        self._kind: type[H] = kind
        self._columns = ", ".join(kind.__struct_fields__)

    async def all(self, database: Database) -> list[H]:
        """All hooks, by name."""
        query = f"SELECT {self._columns} FROM {self._table} ORDER BY name"
        async with database.connection() as connection:
            return [self.hook(row) for row in await connection.fetch(query)]

    async def find(self, database: Database, value: object, column: str = "name") -> tuple[H, bytes] | None:
        """The hook of this name, or with this in another column, and its secret as it is kept."""
        query = f"SELECT {self._columns}, secret FROM {self._table} WHERE {column} = $1"
        async with database.connection() as connection:
            row = await connection.fetchrow(query, value)
            return None if row is None else (self.hook(row), row["secret"])

    async def add(self, database: Database, body: Struct, **given: object) -> H | None:
        """A new hook; None if the name is taken."""
        values = given | structs.asdict(body)
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        query = f"""
            INSERT INTO {self._table} ({", ".join(values)}) VALUES ({places})
            ON CONFLICT (name) DO NOTHING RETURNING {self._columns}
        """
        return await self._written(database, query, *values.values())

    async def change(self, database: Database, name: str, body: Struct) -> H | None:
        """The hook with another body; None if there is none of this name."""
        values = structs.asdict(body)
        changes = ", ".join(f"{column} = ${number}" for number, column in enumerate(values, 2))
        query = f"UPDATE {self._table} SET {changes} WHERE name = $1 RETURNING {self._columns}"
        return await self._written(database, query, name, *values.values())

    async def set_secret(self, database: Database, name: str, secret: bytes) -> None:
        """Keep another secret of the hook."""
        async with database.connection() as connection:
            await connection.execute(f"UPDATE {self._table} SET secret = $2 WHERE name = $1", name, secret)

    async def remove(self, database: Database, name: str) -> None:
        """The hook is no more, nor is what was kept of its calls or deliveries."""
        async with database.connection() as connection:
            await connection.execute(f"DELETE FROM {self._table} WHERE name = $1", name)

    def hook(self, row: Row) -> H:
        """What stands in a row with these columns."""
        return msgspec.convert({field: row[field] for field in self._kind.__struct_fields__}, self._kind)

    async def _written(self, database: Database, query: str, *values: object) -> H | None:
        async with database.connection() as connection:
            row = await connection.fetchrow(query, *values)
            return None if row is None else self.hook(row)
