"""Backups on a real PostgreSQL: as it was, row by row; refused before anything is touched; failed without a trace."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from services.gateway.hooks.book import Hooks
from services.gateway.schema import SCHEMA as JOBS
from services.gateway.store.database import Database
from services.gateway.store.hooks_in import HookInBody
from services.gateway.store.hooks_out import HookOutBody
from shared.backups.backups import Backups
from shared.backups.errors import BackupFailed, BadBackup, KeyDoesNotFit, NoSuchBackup
from shared.backups.resealing import SEALED
from shared.directory.alertrecords import ChannelWish
from shared.directory.alerts import Alerts
from shared.directory.directory import SCHEMA, Directory
from shared.directory.mailsetup import MailSetUp
from shared.directory.records import NewServer, Server, Sighting
from shared.runtime.database import migrate, open_pool
from shared.runtime.secrets import Secret, Vault
from tests.support import backups as hurt
from tests.support.backups import SCHEMAS, all_rows, backups_of, execute
from tests.support.databases import Databases

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = Secret("a token for Attic")
PASSPHRASE = Secret("correct horse battery staple")
HISTORY = """
    INSERT INTO jobs.audit (at, who, address, action, target, after)
        SELECT '2026-02-01', 'kim', '', 'run', format('job %s — "é"', n), jsonb_build_object('n', n)
        FROM generate_series(1, 500) n;
    INSERT INTO jobs.position (stream, created, sequence) VALUES ('TICKS', 'then', 7);
"""
BINARY = """
    SELECT format('%s.%s.%s', table_schema, table_name, column_name) FROM information_schema.columns
    WHERE table_schema IN ('jobs', 'media') AND data_type = 'bytea'
"""
HASHES = {"jobs.session.token", "jobs.token.hash", "jobs.hook_call.signature"}  # no key is needed for them
WRITING = "INSERT INTO jobs.audit (who, address, action, target) VALUES ('kim', '', 'a', 'b')"
LOSE = "DROP SCHEMA jobs CASCADE; DROP SCHEMA media CASCADE"


@pytest.fixture
def vault(folder: Path) -> Vault:
    return Vault.from_file(folder / "key")


@pytest.fixture
async def server(postgres: str, vault: Vault) -> AsyncIterator[Server]:
    """A database with something in it: a server whose token is sealed, and history."""
    await execute(postgres, HISTORY)
    async with open_pool(postgres, schema=SCHEMA) as pool:
        wish = NewServer(kind="jellyfin", name="Attic", url="http://attic", token=TOKEN)
        yield await Directory(pool, vault).add_server(wish, Sighting(state="up", identifier="a1"), NOW)


@pytest.fixture
async def backups(postgres: str, folder: Path, vault: Vault, server: Server) -> Backups:
    return backups_of(postgres, folder / "backups", vault)


async def only_scratch_is_gone(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'")
    finally:
        await connection.close()


async def test_what_was_lost_is_back_row_by_row(postgres: str, backups: Backups) -> None:
    before = await all_rows(postgres)
    made = await backups.make("by_hand")
    assert made.manifest is not None and made.manifest.counts["jobs.audit"] == 500
    path = backups.shelf.path(made.name)
    assert path.stat().st_mode & 0o777 == 0o600
    await execute(postgres, LOSE)
    restored = await backups.restore(path)
    assert await all_rows(postgres) == before
    assert (restored.kept, restored.resealed, restored.rows) == ("", 0, made.manifest.rows)
    # Numbers go on where they were, not from one.
    await execute(postgres, WRITING)
    assert await only_scratch_is_gone(postgres)
    assert [path.name for path in backups.shelf.folder.iterdir()] == [made.name]


async def test_the_state_before_is_kept_and_can_be_had_again(postgres: str, backups: Backups) -> None:
    first = await backups.make("schedule")
    then = await all_rows(postgres)
    await execute(postgres, "DELETE FROM media.server; UPDATE jobs.audit SET who = 'lee'")
    later = await all_rows(postgres)
    restored = await backups.restore(backups.shelf.path(first.name))
    assert await all_rows(postgres) == then != later
    kept = backups.shelf.one(restored.kept)
    assert kept.manifest is not None and kept.manifest.why == "before_restore"
    await backups.restore(backups.shelf.path(restored.kept))
    assert await all_rows(postgres) == later


async def test_a_backup_is_one_moment_whatever_is_written_meanwhile(postgres: str, backups: Backups) -> None:
    """Counts and rows come from one snapshot: what was counted is what is verified, and the database stays as it is."""

    async def write() -> None:
        while True:
            await execute(postgres, WRITING)

    writing = asyncio.ensure_future(write())
    made = await backups.make("schedule")
    writing.cancel()
    await asyncio.wait([writing])
    before = await all_rows(postgres)
    assert (await backups.verify(backups.shelf.path(made.name))).counts["jobs.audit"] >= 500
    assert await all_rows(postgres) == before
    assert await only_scratch_is_gone(postgres)


def _truncated(share: float) -> Callable[[Path, Path, Vault], Path]:
    return lambda source, target, _: hurt.truncated(source, target, share)


def _without(member: str) -> Callable[[Path, Path, Vault], Path]:
    return lambda source, target, _: hurt.rewritten(source, target, {member: None})


def _exchanged_dump(source: Path, target: Path, _: Vault) -> Path:
    """Whole in itself, checksum and all, but for the signature."""
    with zipfile.ZipFile(source) as archive:
        manifest = archive.read("manifest.json")
        was = hurt.sha256(archive.read("database.dump"))
    changed = manifest.replace(was.encode(), hurt.sha256(b"evil").encode())
    return hurt.rewritten(source, target, {"manifest.json": changed, "database.dump": b"evil"})


def _foreign(source: Path, target: Path, _: Vault) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("backup.sqlite", b"of another program")
    return target


HURT: dict[str, tuple[Callable[[Path, Path, Vault], Path], str]] = {
    "empty": (_truncated(0), "truncated"),
    "half": (_truncated(0.5), "truncated"),
    "nearly whole": (_truncated(0.999), "truncated"),
    "a bit is turned": (lambda source, target, _: hurt.flipped(source, target), "damaged"),
    "no dump": (_without("database.dump"), "does not hold"),
    "no signature": (_without("manifest.hmac"), "does not hold"),
    "one member too many": (lambda s, t, _: hurt.rewritten(s, t, {"more": b"!"}), "does not hold"),
    "another dump": (_exchanged_dump, "was altered"),
    "foreign": (_foreign, "no backup of Showrunner's"),
    "of another product": (lambda s, t, v: hurt.resigned(s, t, v, product="other"), "not of Showrunner"),
    "of a newer format": (lambda s, t, v: hurt.resigned(s, t, v, format=2), "newer version"),
    "of a newer version": (
        lambda s, t, v: hurt.resigned(s, t, v, applied={"jobs": {str(n): "x" for n in range(1, 999)}}),
        "newer version",
    ),
    "of altered migrations": (lambda s, t, v: hurt.resigned(s, t, v, applied={"jobs": {"1": "x"}}), "0001"),
    "with other rows than it says": (lambda s, t, v: hurt.resigned(s, t, v, counts={"jobs.run": 5}), "differs in"),
}


@pytest.mark.parametrize("case", HURT)
async def test_what_is_not_whole_and_ours_is_refused(postgres: str, backups: Backups, vault: Vault, case: str) -> None:
    made = await backups.make("by_hand")
    ruin, why = HURT[case]
    ruined = ruin(backups.shelf.path(made.name), backups.shelf.folder / "showrunner-20260101-000000.backup", vault)
    before, there = await all_rows(postgres), sorted(backups.shelf.folder.iterdir())
    with pytest.raises(BadBackup, match=why):
        await backups.restore(ruined)
    assert await all_rows(postgres) == before
    assert sorted(backups.shelf.folder.iterdir()) == there and await only_scratch_is_gone(postgres)


async def test_an_older_backup_is_brought_up_to_date(shared_databases: Databases, folder: Path, vault: Vault) -> None:
    """Made when the schema had fewer migrations; nothing of what it held is lost."""
    older = {name: _first_migration(folder_, folder / name) for name, folder_ in SCHEMAS.items()}
    async with shared_databases.fresh() as url:
        await execute(url, LOSE)
        for schema, migrations in older.items():
            await migrate(url, schema, migrations)
        await execute(url, "INSERT INTO jobs.audit (who, address, action, target) VALUES ('kim', '', 'then', 'x')")
        made = await backups_of(url, folder / "backups", vault, older).make("schedule")
        await execute(url, LOSE)
        present = backups_of(url, folder / "backups", vault)
        await present.restore(present.shelf.path(made.name))
        rows = await all_rows(url)
        assert len(rows["jobs.audit"]) == 1 and "jobs.token" in rows
        for schema, newest in SCHEMAS.items():
            assert len(rows[f"{schema}.migration"]) == len(list(newest.glob("*.sql")))


def _first_migration(source: Path, target: Path) -> Path:
    target.mkdir()
    (first,) = source.glob("0001_*.sql")
    (target / first.name).write_text(first.read_text())
    return target


async def test_a_failure_at_the_last_step_leaves_all_as_it_was(postgres: str, backups: Backups) -> None:
    """Something stands where the former tables are to go: the exchange, begun with the other schema, is rolled back."""
    made = await backups.make("by_hand")
    await execute(postgres, "CREATE SCHEMA media_former; DELETE FROM jobs.audit")
    before = await all_rows(postgres)
    with pytest.raises(BackupFailed, match="media_former"):
        await backups.restore(backups.shelf.path(made.name))
    assert await all_rows(postgres) == before


async def test_another_key_is_refused_and_the_passphrase_brings_it(
    postgres: str, folder: Path, vault: Vault, server: Server
) -> None:
    backups = backups_of(postgres, folder / "backups", vault)
    bare, sealed = await backups.make("by_hand"), await backups.make("by_hand", PASSPHRASE)
    elsewhere = Vault.from_file(folder / "another key")
    there = backups_of(postgres, folder / "backups", elsewhere)
    before = await all_rows(postgres)
    for name, passphrase in ((bare.name, Secret("")), (sealed.name, Secret("")), (bare.name, PASSPHRASE),
                             (sealed.name, Secret("not the passphrase"))):  # fmt: skip
        with pytest.raises(KeyDoesNotFit):
            await there.restore(there.shelf.path(name), passphrase)
    assert await all_rows(postgres) == before
    restored = await there.restore(there.shelf.path(sealed.name), PASSPHRASE)
    assert restored.resealed == 1
    async with open_pool(postgres, schema=SCHEMA) as pool:
        assert await Directory(pool, elsewhere).token(server.id) == TOKEN


async def test_all_secrets_come_along_to_another_key(postgres: str, folder: Path, vault: Vault, server: Server) -> None:
    """Read again by the doors that sealed them, each for its own place."""
    backups, elsewhere = backups_of(postgres, folder / "backups", vault), Vault.from_file(folder / "another key")
    secret = Secret("hush")
    into = HookInBody(job="backup", params={}, events=(), per_minute=60, enabled=True)
    out = HookOutBody(url="http://x.example", events=("failed",), jobs=(), categories=(), enabled=True)
    async with open_pool(postgres, schema=SCHEMA) as media, open_pool(postgres, schema=JOBS) as jobs:
        await MailSetUp(media, vault, ZoneInfo("UTC")).set_secret("smtp_password", secret, "kim")
        wish = ChannelWish(name="phone", service="ntfy", kinds=("failed",), enabled=True)
        await Alerts(media, vault).add_channel(wish, secret, "kim", NOW)
        hooks = Hooks(Database(jobs), vault)
        await hooks.add_in("signed", "signature", into)
        await hooks.add_in("told", "token", into)
        added = await hooks.add_out("far", out)
        assert added is not None
        before = [await hooks.find_in("signed"), await hooks.find_in("told"), await hooks.target(added[0].id)]
        made = await backups.make("by_hand", PASSPHRASE)
    there = backups_of(postgres, folder / "backups", elsewhere)
    restored = await there.restore(there.shelf.path(made.name), PASSPHRASE)
    assert restored.resealed == 5
    async with open_pool(postgres, schema=SCHEMA) as media, open_pool(postgres, schema=JOBS) as jobs:
        assert await Directory(media, elsewhere).token(server.id) == TOKEN
        assert await MailSetUp(media, elsewhere, ZoneInfo("UTC")).secret("smtp_password") == secret
        assert await Alerts(media, elsewhere).address("phone") == secret
        hooks = Hooks(Database(jobs), elsewhere)
        assert [await hooks.find_in("signed"), await hooks.find_in("told"), await hooks.target(added[0].id)] == before


async def test_the_key_is_nowhere_in_a_backup(backups: Backups, folder: Path) -> None:
    made = await backups.make("by_hand", PASSPHRASE)
    content = backups.shelf.path(made.name).read_bytes()
    key = (folder / "key").read_bytes().strip()
    assert key not in content and TOKEN.reveal().encode() not in content
    assert PASSPHRASE.reveal().encode() not in content


async def test_every_sealed_column_is_sealed_anew(postgres: str) -> None:
    """A column that is added one day, and forgotten there, would be lost with a change of keys."""
    connection = await asyncpg.connect(postgres)
    try:
        found = {row[0] for row in await connection.fetch(BINARY)}
    finally:
        await connection.close()
    assert found == {f"{sealed.table}.{sealed.column}" for sealed in SEALED} | HASHES


@pytest.mark.parametrize("name", ["../key", "showrunner-20260101-000000.backup", "/etc/passwd", ""])
def test_only_backups_are_found_by_name(backups: Backups, name: str) -> None:
    with pytest.raises(NoSuchBackup):
        backups.shelf.path(name)


async def test_two_at_once_get_names_of_their_own(backups: Backups) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(backups.make("by_hand")) for _ in range(3)]
    assert len({task.result().name for task in tasks}) == 3
    assert all(backup.manifest for backup in await backups.listed())
