"""What backups ask of PostgreSQL itself: a snapshot of all tables, and a database to try things in."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from msgspec import Struct

from shared.runtime.secrets import Secret

from .errors import BackupFailed

CONNECT_WITHIN = 10.0  # seconds
SCRATCH = "showrunner_scratch_"

_TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY($1) ORDER BY 1
"""
_LEFT_BEHIND = """
    SELECT format('%I', datname) FROM pg_database d
    WHERE starts_with(datname, $1) AND pg_get_userbyid(datdba) = current_user
        AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = d.datname)
"""


class Snapshot(Struct, frozen=True, kw_only=True):
    """One moment of a database, for whoever knows its `id`. `counts`: rows by table; `applied`: see `Manifest`."""

    id: str
    postgres: str
    counts: Mapping[str, int]
    applied: Mapping[str, Mapping[int, str]]


@asynccontextmanager
async def snapshot(url: Secret, schemas: Collection[str]) -> AsyncIterator[Snapshot]:
    """The database as it is now, until the block ends. BackupFailed: it does not answer."""
    with _troubles_named():
        connection = await _connected(url)
    try:
        with _troubles_named():
            await connection.transaction(isolation="repeatable_read", readonly=True).start()
            version = connection.get_server_version()
            found = Snapshot(
                id=await connection.fetchval("SELECT pg_export_snapshot()"),
                postgres=f"{version.major}.{version.minor}",
                counts=await _counts(connection, schemas),
                applied={schema: await _applied(connection, schema) for schema in schemas},
            )
        yield found
    finally:
        connection.terminate()


async def present(url: Secret, schemas: Collection[str]) -> list[str]:
    """Which of the schemas are there. BackupFailed: the database does not answer."""
    with _troubles_named():
        connection = await _connected(url)
        try:
            rows = await connection.fetch("SELECT nspname FROM pg_namespace WHERE nspname = ANY($1)", list(schemas))
        finally:
            await connection.close()
    return [row["nspname"] for row in rows]


@asynccontextmanager
async def scratch(url: Secret) -> AsyncIterator[Secret]:
    """An empty database beside ours, gone afterwards. BackupFailed: our role may not make one."""
    name = f"{SCRATCH}{secrets.token_hex(6)}"
    with _troubles_named():
        ours = await _connected(url)
    try:
        with _troubles_named():
            for left in await ours.fetch(_LEFT_BEHIND, SCRATCH):
                await ours.execute(f"DROP DATABASE IF EXISTS {left[0]}")
            # The first template is the one that nobody has put anything into.
            await ours.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        beside = Secret(_renamed(url.reveal(), name))
        # As long as somebody is connected, nobody takes it for one that was left behind.
        with _troubles_named():
            holding = await _connected(beside)
        try:
            yield beside
        finally:
            holding.terminate()
    finally:
        try:
            with _troubles_named():
                await ours.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            ours.terminate()


@contextmanager
def _troubles_named() -> Iterator[None]:
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise BackupFailed(
            f"the database refuses ({error}): a backup is tried out in a database of its own, "
            "so let our role make one, as a superuser: ALTER ROLE showrunner CREATEDB"
        ) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise BackupFailed(f"the database does not do its part: {str(error) or type(error).__name__}") from error


async def _connected(url: Secret) -> asyncpg.Connection:
    return await asyncpg.connect(url.reveal(), timeout=CONNECT_WITHIN)


async def _counts(connection: asyncpg.Connection, schemas: Collection[str]) -> dict[str, int]:
    tables = [row[0] for row in await connection.fetch(_TABLES, list(schemas))]
    return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}


async def _applied(connection: asyncpg.Connection, schema: str) -> dict[int, str]:
    table = await connection.fetchval("SELECT format('%I.migration', $1::text)", schema)
    if await connection.fetchval("SELECT to_regclass($1)", table) is None:
        return {}
    return {row["number"]: row["checksum"] for row in await connection.fetch(f"SELECT number, checksum FROM {table}")}


def _renamed(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
