"""Each role in the database on a real PostgreSQL: its work gets done, and what is not its own is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from services.workers.access.jobs import jobs as access_jobs
from shared.backups.errors import BackupFailed
from shared.directory.directory import SCHEMA
from shared.history.history import History
from shared.history.policy import KINDS
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault
from tests.simulators.smtp import SmtpSimulator
from tests.support.backups import all_rows, backups_of, execute
from tests.support.mailing import NOTICES, open_mailing
from tests.support.roles import give_roles, maintenance_url, worker_url
from tests.support.servers import BreakablePostgres
from tests.support.town import town

SECRETS_OF_JOBS = ("session", "account", "token", "hook_in", "hook_out")
AUDIT = "INSERT INTO jobs.audit (at, who, address, action, target) VALUES ('2020-01-01', 'kim', '', 'a', 'b')"
WORKER_MAY_NOT = (
    *(f"SELECT * FROM jobs.{table}" for table in (*SECRETS_OF_JOBS, "run", "audit", "spec")),
    "DELETE FROM jobs.run",
    AUDIT,
    "UPDATE media.migration SET checksum = ''",
    "DROP TABLE media.server",
    "ALTER TABLE media.server ADD more text",
    "CREATE TABLE media.more (id int)",
    "CREATE SCHEMA more",
    "CREATE DATABASE more",
    "CREATE ROLE more",
    "CREATE TEMPORARY TABLE more (id int)",
    "SET ROLE showrunner",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY media.setting TO PROGRAM 'cat'",
)
MAINTENANCE_MAY_NOT = (
    AUDIT,
    *(f"DELETE FROM jobs.{table}" for table in SECRETS_OF_JOBS),
    *(f"UPDATE jobs.{table} SET {column} = {column}" for table, column in (("account", "name"), ("run", "state"))),
    "DROP TABLE jobs.run",
    "TRUNCATE jobs.run",
    "CREATE TABLE jobs.more (id int)",
    "CREATE ROLE more",
    "SET ROLE showrunner",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'showrunner'",
)


@pytest.fixture
async def server(postgres_server: BreakablePostgres) -> AsyncIterator[BreakablePostgres]:
    await give_roles(postgres_server)
    # Somebody of the owner's is there, whom nobody else may send away.
    async with open_pool(postgres_server.url, schema="jobs"):
        yield postgres_server


async def test_a_worker_syncs_and_applies(server: BreakablePostgres, folder: Path) -> None:
    async with town(worker_url(server), folder) as here:
        for job in ("sync_plex", "sync_jellyfin", *(job.spec.name for job in access_jobs(here.tools))):
            result, _ = await here.run(job)
            assert result.outcome in ("succeeded", "skipped"), (job, result)
        assert all((await here.contents()).values())


async def test_a_worker_sends_mail(server: BreakablePostgres, folder: Path) -> None:
    async with SmtpSimulator() as smtp, open_mailing(worker_url(server), folder, smtp) as mailing:
        await mailing.person("Ada", days_left=7)
        result, _ = await mailing.run(NOTICES)
        assert (result.outcome, result.summary) == ("succeeded", "1 sent")


async def test_what_is_not_a_roles_own_is_refused(server: BreakablePostgres) -> None:
    for url, statements in (
        (worker_url(server), WORKER_MAY_NOT),
        (maintenance_url(server), MAINTENANCE_MAY_NOT),
    ):
        assert [statement for statement in statements if not await _is_refused(url, statement)] == []


async def test_maintenance_backs_up_and_tries_backups_and_forgets_history(
    server: BreakablePostgres, folder: Path
) -> None:
    await execute(server.url, AUDIT)
    before = await all_rows(server.url)
    vault = Vault.from_file(folder / "key")
    theirs = backups_of(maintenance_url(server), folder / "backups", vault)
    made = await theirs.make("by_hand")
    assert (await theirs.verify(theirs.shelf.path(made.name))).counts["jobs.audit"] == 1
    month_ago = datetime.now(UTC) - timedelta(days=30)
    async with open_pool(maintenance_url(server), schema=SCHEMA) as pool:
        history = History(pool)
        deleted = {kind: sum([count async for count in history.delete(kind, month_ago)]) for kind in KINDS}
    assert {kind for kind, count in deleted.items() if count} == {"audit"}
    assert before["jobs.audit"] and (await all_rows(server.url))["jobs.audit"] == []


async def test_only_the_owner_puts_a_backup_in_place_and_roles_keep_their_rights(
    server: BreakablePostgres, folder: Path
) -> None:
    vault = Vault.from_file(folder / "key")
    owners = backups_of(server.url, folder / "backups", vault)
    made = await owners.make("by_hand")
    path = owners.shelf.path(made.name)
    with pytest.raises(BackupFailed):
        await backups_of(maintenance_url(server), folder / "backups", vault).restore(path, keep=False)
    # One of the worker's who reads at that moment stands in the way of nobody.
    reader = await asyncpg.connect(worker_url(server))
    try:
        await reader.execute("BEGIN; SELECT count(*) FROM media.server")
        await owners.restore(path, keep=False)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await reader.execute("SELECT 1")
    finally:
        reader.terminate()
    async with open_pool(worker_url(server), schema=SCHEMA) as pool:
        assert await pool.fetchval("SELECT count(*) FROM server") == 0
    assert await _is_refused(worker_url(server), "SELECT * FROM jobs.session")


async def _is_refused(url: str, statement: str) -> bool:
    """Refused because of rights, and for no other reason."""
    try:
        await execute(url, statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    return False
