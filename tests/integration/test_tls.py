"""TLS on the way to NATS and PostgreSQL: ours is trusted, another's is not, and where there is none nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.gateway.schema import SCHEMA as JOBS
from shared.backups.errors import BackupFailed
from shared.backups.programs import asks_for_tls, program, run
from shared.messaging import Retention, Untrusted, connect, declare, trust
from shared.messaging.permissions import SCHEDULER
from shared.runtime.database import UnsafeWay, open_pool
from shared.runtime.secrets import Secret
from tests.simulators.smtp_certificates import Authority
from tests.support.locked import LockedNats
from tests.support.servers import BreakablePostgres
from tests.support.tls import tls_before


@pytest.fixture
def ours(folder: Path) -> Authority:
    return _authority(folder / "ours")


@pytest.fixture
def anothers(folder: Path) -> Authority:
    return _authority(folder / "anothers")


async def test_nats_is_spoken_to_over_tls(folder: Path, ours: Authority, anothers: Authority) -> None:
    shown = str(ours.certificate("127.0.0.1"))
    async with LockedNats(folder / "nats", cert_file=shown, key_file=shown) as server:
        url = server.url_of(SCHEDULER, "tls")
        async with connect(url, "test", trust(str(ours.file))) as bus:
            await declare(bus, Retention())
        with pytest.raises(Untrusted, match="put the authority that signed it into SHOWRUNNER_NATS_CA"):
            await _enter_nats(url, str(anothers.file))
        with pytest.raises(Untrusted, match="SHOWRUNNER_NATS_CA"):
            await _enter_nats(url.replace("tls://", "nats://"), "")


async def test_a_certificate_for_another_name_is_not_natss(folder: Path, ours: Authority) -> None:
    shown = str(ours.certificate("another.example"))
    async with LockedNats(folder / "nats", cert_file=shown, key_file=shown) as server:
        with pytest.raises(Untrusted, match="write the address with a name that it has"):
            await _enter_nats(server.url_of(SCHEDULER, "tls"), str(ours.file))


async def test_nats_may_ask_for_our_certificate(folder: Path, ours: Authority) -> None:
    shown, mine = str(ours.certificate("127.0.0.1")), str(ours.certificate("worker"))
    files = {"cert_file": shown, "key_file": shown, "ca_file": str(ours.file)}
    async with LockedNats(folder / "nats", **files, verify=True) as server:
        url = server.url_of(SCHEDULER, "tls")
        async with connect(url, "test", trust(str(ours.file), mine, mine)) as bus:
            await declare(bus, Retention())
        with pytest.raises(Untrusted, match="SHOWRUNNER_NATS_CERT"):
            await _enter_nats(url, str(ours.file))


@pytest.mark.parametrize("scheme", ["tls", "nats"])
async def test_a_nats_without_tls_is_not_told_our_password(folder: Path, ours: Authority, scheme: str) -> None:
    async with LockedNats(folder / "nats") as server:
        with pytest.raises(Untrusted, match="does not speak TLS, so our password stays here"):
            await _enter_nats(server.url_of(SCHEDULER, scheme), str(ours.file))


@pytest.mark.parametrize("given", [("missing.pem",), ("", __file__), (__file__,)])
def test_files_of_no_use_are_named(given: tuple[str, ...]) -> None:
    with pytest.raises(Untrusted, match=r"SHOWRUNNER_NATS_(CA|CERT)"):
        trust(*given)


async def test_postgres_is_spoken_to_over_tls(postgres_server: BreakablePostgres, folder: Path) -> None:
    ours, anothers = _authority(folder / "ours"), _authority(folder / "anothers")
    async with tls_before(postgres_server.url, ours.server_context("127.0.0.1")) as door:
        async with open_pool(door.url(sslmode="verify-full", sslrootcert=str(ours.file)), schema=JOBS) as pool:
            assert await pool.fetchval("SELECT count(*) FROM run") == 0
        for authority, shown in ((anothers, "127.0.0.1"), (ours, "another.example")):
            wrong = ours.server_context(shown)
            async with tls_before(postgres_server.url, wrong) as other:
                url = other.url(sslmode="verify-full", sslrootcert=str(authority.file))
                with pytest.raises(UnsafeWay, match="name the authority that signed it by sslrootcert"):
                    await _enter_postgres(url)


async def test_a_postgres_without_tls_is_not_told_our_password(
    postgres_server: BreakablePostgres, folder: Path
) -> None:
    async with tls_before(postgres_server.url, None) as door:
        with pytest.raises(UnsafeWay, match="does not speak TLS, so our password stays here"):
            await _enter_postgres(door.url(sslmode="require"))


def test_over_tls_the_machines_own_programs_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "pg_dump").symlink_to(program("pg_dump"))
    monkeypatch.setenv("PATH", str(folder))
    assert program("pg_dump", tls=True) == str(folder / "pg_dump") != program("pg_dump")
    assert asks_for_tls("postgresql://kim@there/db?sslmode=verify-full&sslrootcert=ca.pem")
    assert not asks_for_tls("postgresql://kim@there/db?sslmode=prefer") and not asks_for_tls("postgresql://there/db")


async def test_a_program_without_tls_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(BackupFailed, match="speaks no TLS: install PostgreSQL's client programs"):
        await run("psql", Secret("postgresql://kim@127.0.0.1:1/db?sslmode=require"), "--command=SELECT 1")


async def _enter_nats(url: str, authority: str) -> None:
    async with connect(url, "test", trust(authority)):
        raise AssertionError("we are in")


async def _enter_postgres(url: str) -> None:
    async with open_pool(url, schema=JOBS):
        raise AssertionError("we are in")


def _authority(folder: Path) -> Authority:
    folder.mkdir()
    return Authority(folder)
