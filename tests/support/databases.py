"""A fresh database a test, copied from a template that was migrated once."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg

from services.cli.embedded.postgres import NAME, SUPERUSER
from tests.support.servers import PostgresServer

Migrate = Callable[[str], Awaitable[None]]  # takes the URL of an empty database, whose owner it connects as

TEMPLATE = "template_migrated"


class Databases:
    """The databases of one server. Make it by `migrated`."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = itertools.count(1)

    @classmethod
    async def migrated(cls, server: PostgresServer, migrations: Sequence[Migrate]) -> Databases:
        """The databases of a fresh server, once its template is made and all migrations are applied to it."""
        databases = cls(server)
        await databases._execute(f"CREATE DATABASE {TEMPLATE} OWNER {NAME}")
        for migrate in migrations:
            await migrate(server.url_for(TEMPLATE))
        return databases

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[str]:
        """The URL of a copy of the template, dropped afterwards whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {NAME} STRATEGY FILE_COPY")
        try:
            yield self._server.url_for(name)
        finally:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server.url_for("postgres", user=SUPERUSER))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
