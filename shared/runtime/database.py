"""PostgreSQL: a pool of connections that see one schema, and that schema's numbered migrations.

DatabaseError
├── BadMigrations    the files and the database disagree; nothing was changed
└── UnsafeWay        the server is not known to be ours, or speaks no TLS where we ask for it
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import msgspec
import structlog

from .cancellation import heed_cancellation

log = structlog.get_logger()

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between tries to connect
CONNECT_TIMEOUT = 10.0  # seconds
# To cancel a query, or to close, the library asks the server, and waits for ever for one that has fallen silent.
CANCEL_TIMEOUT, CLOSE_TIMEOUT = 2.0, 2.0  # seconds
# The server is not there yet, starting, stopping, or full, or the connection broke (the interface's and the internal
# error say so of one that is used once more): a later try may well succeed. A wrong password or address never will.
NOT_YET = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError,
           asyncpg.TooManyConnectionsError, asyncpg.InterfaceError, asyncpg.InternalClientError)  # fmt: skip
# As asyncpg says it (connect_utils.py) when sslmode asks for more than the server has.
_NO_TLS = "rejected SSL upgrade"

MIGRATION_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql")
SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]*")


class DatabaseError(Exception):
    """Something about the database that a person has to mend; the message says how."""


class BadMigrations(DatabaseError):
    """A migration that was applied has changed or is missing, or the database is newer than this program."""


class UnsafeWay(DatabaseError):
    """The server shows no certificate that we trust; what it would be asked stays here."""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a schema; `checksum` tells whether its file has changed since it was applied."""

    number: int
    name: str
    sql: str
    checksum: str


class _Connection(asyncpg.Connection):
    """Goes back to its pool as it is, once it is out of any transaction: to put back what a session may have changed
    takes a round trip after each use, and nobody here changes anything that outlives a transaction. Who does (see the
    projector's lock) ends the connection.
    """

    def get_reset_query(self) -> str:
        return ""

    async def _cancel(self, *waiters: asyncio.Future[None]) -> None:
        give_up = asyncio.get_running_loop().call_later(CANCEL_TIMEOUT, self.terminate)
        try:
            await super()._cancel(*waiters)  # type: ignore[misc]  # the stubs leave it out
        finally:
            give_up.cancel()


@asynccontextmanager
async def open_pool(url: str, *, schema: str, min_size: int = 1, max_size: int = 10) -> AsyncIterator[asyncpg.Pool]:
    """A pool whose connections have `schema` as their search path, and jsonb as plain Python values.

    Waits, with growing pauses, until the server takes the first connection; asyncpg.PostgresError: it refuses for
    good (a wrong password, no such database).
    """

    async def filled() -> asyncpg.Pool:
        async with connected(url):
            pass
        return await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            timeout=CONNECT_TIMEOUT,
            connection_class=_Connection,
            init=_prepare,
            server_settings={"search_path": _checked(schema)},
        )

    pool = await when_reached(filled)
    try:
        yield pool
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await pool.close()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection by itself. One on which something failed is closed without a word to the server."""
    connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT, connection_class=_Connection)
    try:
        yield connection
    except BaseException:
        connection.terminate()
        raise
    await connection.close(timeout=CLOSE_TIMEOUT)


async def migrate(url: str, schema: str, folder: Path) -> None:
    """Bring `schema` (made if missing) to the newest of the `NNNN_name.sql` files of `folder`, each in a transaction.

    Several processes may do this at once: one works, the others wait and find it done.
    BadMigrations: an applied file was altered or is missing, the numbers have a gap, or the database is newer.
    """
    migrations = read_migrations(folder)
    await when_reached(lambda: _migrate(url, schema, migrations))


async def _migrate(url: str, schema: str, migrations: Sequence[Migration]) -> None:
    async with connected(url) as connection:
        # The lock belongs to the connection, so a process that dies lets go of it.
        await connection.execute("SELECT pg_advisory_lock(hashtext('showrunner migrations of ' || $1))", schema)
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_checked(schema)}; SET search_path TO {schema}")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL,"
            " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = await connection.fetch("SELECT number, checksum FROM migration")
        for migration in outstanding(schema, migrations, {row["number"]: row["checksum"] for row in rows}):
            await _apply(connection, migration)
            log.info("migrated", schema=schema, number=migration.number, name=migration.name)


def read_migrations(folder: Path) -> list[Migration]:
    """The migrations of a folder, in order. BadMigrations: a name that does not fit, or numbers that skip or repeat."""
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        match = MIGRATION_FILE.fullmatch(path.name)
        if match is None:
            raise BadMigrations(f"{path.name} is no name for a migration: call it NNNN_name.sql, as 0001_servers.sql")
        sql = path.read_text("utf-8")  # newlines come as \n on every system, so the checksum is the same on all
        checksum = hashlib.sha256(sql.encode()).hexdigest()
        migrations.append(Migration(number=int(match["number"]), name=match["name"], sql=sql, checksum=checksum))
    numbers = [migration.number for migration in migrations]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        raise BadMigrations(f"The migrations in {folder.name}/ are numbered {numbers}: they must count up from 1")
    return migrations


def outstanding(schema: str, migrations: Sequence[Migration], applied: dict[int, str]) -> list[Migration]:
    """Those still to be applied; `applied` holds the checksum of each applied number. BadMigrations: see `migrate`."""
    newest = max(applied, default=0)
    if newest > len(migrations):
        raise BadMigrations(
            f"The schema {schema} is at migration {newest}, this program knows {len(migrations)} only: "
            "start a newer version of Showrunner, or restore an older backup"
        )
    for migration in migrations[:newest]:
        if applied.get(migration.number) != migration.checksum:
            raise BadMigrations(
                f"Migration {migration.number:04} ({migration.name}) of the schema {schema} is not the one that was "
                "applied to this database: put its file back as it was, and make the change in a new migration"
            )
    return list(migrations[newest:])


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.checksum,
        )


async def when_reached(attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt` gives, made again after growing pauses for as long as the server is not there.

    UnsafeWay: the server is not known to be ours, or speaks no TLS where we ask for it.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            return await attempt()
        except asyncpg.exceptions.ClientConfigurationError:
            raise
        except NOT_YET as error:
            heed_cancellation()
            if isinstance(error, ssl.SSLError) or _NO_TLS in str(error):
                raise _unsafe(error) from error
            log.warning("database_not_reached", error=str(error) or type(error).__name__, next_try_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _unsafe(error: Exception) -> UnsafeWay:
    if isinstance(error, ssl.SSLCertVerificationError):
        return UnsafeWay(
            f"PostgreSQL shows a certificate that is not to be trusted ({error.verify_message}): name the authority "
            "that signed it by sslrootcert=FILE in SHOWRUNNER_DATABASE_URL, and write the address with a name of its"
        )
    if isinstance(error, ssl.SSLError):
        return UnsafeWay(
            f"PostgreSQL can't be spoken to over TLS ({error.reason or error}): it may ask for a certificate of ours "
            "(sslcert=FILE and sslkey=FILE in SHOWRUNNER_DATABASE_URL)"
        )
    return UnsafeWay(
        "PostgreSQL does not speak TLS, so our password stays here: set `ssl = on` there, or, where the way to it is "
        "safe, take sslmode out of SHOWRUNNER_DATABASE_URL"
    )


async def _prepare(connection: Any) -> None:
    # The binary form of jsonb is a version byte and the text.
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
    )


def _checked(schema: str) -> str:
    if not SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"{schema!r} is no name for a schema: small letters, digits and _ only")
    return schema
