"""PostgreSQL 18 on a unix socket in a private folder: no port, no password, nobody else."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg

from services.cli.embedded import binaries
from services.cli.embedded.account import Account, account_for, give
from services.cli.embedded.child import Child
from services.cli.embedded.errors import ServerError
from services.cli.embedded.private import rename_durably
from services.cli.embedded.server import Server

SUPERUSER = "postgres"
NAME = "showrunner"  # of the database and of its owner
PORT = 5432  # only a part of the socket's name
LONGEST_SOCKET = 100  # bytes in a socket's path, which the kernel limits: 107 on Linux, 103 on macOS
CONNECT_WITHIN = 5.0  # seconds

INITDB = ("--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--data-checksums")
LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions")

# For a small machine; durability is PostgreSQL's default (fsync, synchronous_commit, full_page_writes).
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "60",
    "shared_buffers": "64MB",
    "effective_cache_size": "512MB",
    "maintenance_work_mem": "64MB",
    "min_wal_size": "128MB",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A week of logs, each day written over the same day's of the week before.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
}


class EmbeddedPostgres(Server):
    """A PostgreSQL server whose socket's folder only we (and root) can enter, with a database for Showrunner in it.

    Started by root, it runs as another user (see `account`).
    """

    name = "PostgreSQL"
    ready_within = 300.0  # after a power cut it reads back up to 1 GB of its log first

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._account: Account | None = None
        self._short_folder: Path | None = None

    @property
    def url(self) -> str:
        """The database `showrunner`, as its owner. Holds no secret."""
        return self.url_for(NAME)

    def url_for(self, database: str, *, user: str = NAME) -> str:
        """Any database of this server, as any user."""
        host = quote(str(self._short_folder or self.home), safe="")
        return f"postgresql://{user}@/{quote(database, safe='')}?host={host}&port={PORT}"

    @property
    def _data(self) -> Path:
        return self.home / "data"

    async def stop(self) -> None:
        await super().stop()
        if self._short_folder is not None:
            shutil.rmtree(self._short_folder, ignore_errors=True)
            self._short_folder = None

    async def _prepare(self, lock: int) -> None:
        self._account = account_for(self.home)
        if self._account is not None and self.home.stat().st_uid == 0:
            give(self.home, self._account)
        if not self._data.exists():
            await self._make_cluster(lock)
        self._refuse_other_version()
        self._shorten_socket()

    async def _make_cluster(self, lock: int) -> None:
        scratch = self.home / "data.new"
        shutil.rmtree(scratch, ignore_errors=True)
        with self._reached() as (home, keep):
            command = [self._program("initdb"), "--pgdata", f"{home}/{scratch.name}", *INITDB, *LOCALE]
            child = self._spawn(command, keep=[lock, *keep], account=self._account)
            try:
                status = await child.ended()
            except BaseException:
                child.signal(signal.SIGKILL)
                raise
        if status != 0:
            raise ServerError(f"PostgreSQL could not make its files in {self.home}: {self._explained(self._words())}")
        rename_durably(scratch, self._data)

    def _launch(self, lock: int) -> Child:
        with self._reached() as (home, keep):
            settings = {**SETTINGS, "unix_socket_directories": str(self._short_folder or home)}
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            command = [self._program("postgres"), "-D", f"{home}/{self._data.name}", *options]
            return self._spawn(command, keep=[lock, *keep], account=self._account, environ=self._distrust())

    async def _answers(self, pid: int) -> bool:
        try:
            connection = await asyncpg.connect(self.url_for("postgres", user=SUPERUSER), timeout=CONNECT_WITHIN)
            try:
                await _provide_database(connection)
            finally:
                await connection.close()
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise ServerError(f"PostgreSQL in {self.home} refuses us: {self._explained(str(error))}") from error
        return True

    def _logs(self) -> list[Path]:
        return list((self._data / "log").glob("*.log"))

    def _program(self, name: str) -> str:
        return str(binaries.postgres_bin(for_other_user=self._account is not None) / name)

    @contextmanager
    def _reached(self) -> Iterator[tuple[str, list[int]]]:
        """Our folder's path for the server, and the descriptors that the path needs.

        Another user may not be able to walk to it (root's home has mode 0700), but an open folder needs no walk.
        """
        if self._account is None or sys.platform != "linux":
            yield str(self.home), []
            return
        folder = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{folder}", [folder]
        finally:
            os.close(folder)

    def _distrust(self) -> dict[str, str]:
        """Keeps PostgreSQL from taking whatever process now has the pid of one that was killed for that one.

        Our lock says already that none runs here; it goes on to check the shared memory (miscinit.c, CreateLockFile).
        """
        try:
            first, *_ = (self._data / "postmaster.pid").read_text().splitlines() or [""]
        except FileNotFoundError:
            return {}
        return {"PG_GRANDPARENT_PID": first} if first.isdigit() else {}

    def _refuse_other_version(self) -> None:
        major = (self._data / "PG_VERSION").read_text().strip()
        if major != str(binaries.POSTGRES_MAJOR):
            raise ServerError(
                f"{self._data} was made by PostgreSQL {major}, and this Showrunner brings {binaries.POSTGRES_MAJOR}: "
                f"start the Showrunner that made it, or dump it with PostgreSQL {major} and restore into a new folder"
            )

    def _shorten_socket(self) -> None:
        if self._short_folder is None and len(os.fsencode(self.home / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET:
            self._short_folder = Path(tempfile.mkdtemp(prefix=f"{NAME}-", dir="/tmp"))
            if self._account is not None:
                os.chown(self._short_folder, *self._account)


async def _provide_database(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", NAME):
        await connection.execute(f"CREATE ROLE {NAME} LOGIN")
    # Backups are tried out in databases of their own.
    await connection.execute(f"ALTER ROLE {NAME} CREATEDB")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", NAME):
        await connection.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")
