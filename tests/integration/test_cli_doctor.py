"""The doctor: an installation that is well, and faults that were planted on purpose, each of which it names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from services.cli.embedded.binaries import nats_server as nats_program
from shared.directory.directory import SCHEMA, Directory
from shared.directory.mailsetup import MailSetUp
from shared.directory.records import NewServer, Sighting
from shared.mail.terms import MailPolicy
from shared.messaging import Retention, connect, declare
from shared.outside.mail.setup import MailServer
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault
from tests.support.gateway_jobs import JOBS, at_work, spec
from tests.support.gateways import house
from tests.support.pipeline import Pipeline
from tests.support.processes import Processes
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.terminals import Terminal

pytestmark = pytest.mark.slow


class Doctor:
    """A doctor for one installation, whose settings a test may spoil."""

    def __init__(self, folder: Path, nats_url: str, database_url: str) -> None:
        self.key = folder / "key"
        self.terminal = Terminal(
            folder,
            SHOWRUNNER_NATS_URL=nats_url,
            SHOWRUNNER_DATABASE_URL=database_url,
            SHOWRUNNER_KEY_FILE=str(self.key),
            SHOWRUNNER_PORT="0",
        )

    async def finds(self, about: str, level: str = "fault", **environ: str) -> str:
        """What it says is wrong with this, in the one line it has about it."""
        said = await self.terminal("doctor", "--json", **environ)
        assert said.status == (1 if faults(said.json) else 0)
        found = [one for one in said.json["findings"] if one["about"] == about and one["level"] == level]
        assert found and all(one["mend"] for one in found), said.out
        return "; ".join(one["what"] for one in found)


def faults(document: Any) -> list[Any]:
    return [one for one in document["findings"] if one["level"] == "fault"]


@pytest.fixture
def doctor(nats_server: BreakableNats, postgres: str, folder: Path) -> Doctor:
    Vault.from_file(folder / "key")
    return Doctor(folder, nats_server.url, postgres)


async def with_server(database_url: str, key: Path) -> None:
    """A media server that does not answer, its token sealed with this key."""
    new = NewServer(kind="plex", name="Attic", url="http://127.0.0.1:9", token=Secret("token"))
    async with open_pool(database_url, schema=SCHEMA) as pool:
        await Directory(pool, Vault.from_file(key)).add_server(new, Sighting(state="down"), datetime.now(UTC))


@contextmanager
def somebody_listening() -> Iterator[int]:
    """A port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


async def test_one_that_is_well(doctor: Doctor, nats_server: BreakableNats, postgres: str, folder: Path) -> None:
    async with house(nats_server.url, postgres, folder) as home:
        await at_work(home, *JOBS)
        said = await doctor.terminal("doctor", SHOWRUNNER_PORT=str(home.listening[-1].port))
    assert said.status == 0 and "fault " not in said.out, said
    for what in ("with JetStream", "all there", "leads", "waits for work, 4 jobs", "up to date", "ready at"):
        assert what in said.out


async def test_1_settings_that_can_not_be_used(doctor: Doctor) -> None:
    found = await doctor.finds("settings", SHOWRUNNER_PORT="many", SHOWRUNNER_TIMEZONE="Mars/Olympus")
    assert "SHOWRUNNER_PORT" in found and "Mars/Olympus" in found


async def test_2_a_data_folder_that_is_none(doctor: Doctor, folder: Path) -> None:
    (folder / "data").write_text("a file")
    found = await doctor.finds("data folder", SHOWRUNNER_DATABASE_URL="", SHOWRUNNER_DATA=str(folder / "data"))
    assert "is a file" in found


async def test_3_a_port_that_another_program_has(doctor: Doctor) -> None:
    with somebody_listening() as port:
        assert f"port {port}" in await doctor.finds("gateway", SHOWRUNNER_PORT=str(port))


async def test_4_a_key_that_others_can_read(doctor: Doctor) -> None:
    doctor.key.chmod(0o644)
    assert "0644" in await doctor.finds("key")


async def test_5_a_key_file_that_holds_no_key(doctor: Doctor) -> None:
    doctor.key.write_text("not a key")
    assert "holds no key" in await doctor.finds("key")


async def test_5_a_key_in_the_settings_that_is_none(doctor: Doctor) -> None:
    assert "showrunner key new" in await doctor.finds("key", SHOWRUNNER_KEY="not a key", SHOWRUNNER_KEY_FILE="")


async def test_6_another_key_than_the_tokens_were_sealed_with(doctor: Doctor, postgres: str, folder: Path) -> None:
    await with_server(postgres, folder / "another-key")
    assert "Attic" in await doctor.finds("key")


async def test_a_key_that_is_gone_is_told_of_and_not_made(doctor: Doctor, postgres: str) -> None:
    await with_server(postgres, doctor.key)
    doctor.key.unlink()
    assert "Attic" in await doctor.finds("key")
    assert "is not there" in await doctor.finds("key", "warning") and not doctor.key.exists()


async def test_7_no_nats(doctor: Doctor, nats_server: BreakableNats) -> None:
    await nats_server.kill()
    found = await doctor.finds("NATS")
    assert f"127.0.0.1:{nats_server.port} does not answer" in found and nats_server.token not in found


async def test_8_a_wrong_token_for_nats(doctor: Doctor, nats_server: BreakableNats) -> None:
    wrong = f"nats://wrong@127.0.0.1:{nats_server.port}"
    assert "Authorization Violation" in await doctor.finds("NATS", SHOWRUNNER_NATS_URL=wrong)


async def test_9_nats_without_jetstream(doctor: Doctor, processes: Processes) -> None:
    plain = processes.program(str(nats_program()), "--addr", "127.0.0.1", "--port", "-1")
    port = (await plain.line(r"client connections on .*:(\d+)")).group(1)
    found = await doctor.finds("NATS", SHOWRUNNER_NATS_URL=f"nats://127.0.0.1:{port}")
    assert "no JetStream" in found


async def test_10_streams_that_are_missing_or_have_too_few_copies(doctor: Doctor, nats_server: BreakableNats) -> None:
    async with connect(nats_server.url, "test") as bus:
        await declare(bus, Retention())
        assert "copies of TICKS: 1, wanted: 3" in await doctor.finds("streams", SHOWRUNNER_REPLICAS="3")
        await bus.api("STREAM.DELETE.REPORTS", {})
        assert "REPORTS is not there" in await doctor.finds("streams")


async def test_11_nobody_schedules_and_12_nobody_works(doctor: Doctor, line: Pipeline) -> None:
    await line.announced(spec("greet"))
    assert "nobody leads" in await doctor.finds("scheduler")
    assert "there never was one; 1 job" in await doctor.finds("worker test")
    worker = await line.worker(*JOBS[:1])
    await line.scheduler()
    await line.known("greet")
    await line.stop(worker)
    assert "none is there" in await doctor.finds("worker test")


async def test_13_no_database(folder: Path, nats_server: BreakableNats, postgres_server: BreakablePostgres) -> None:
    doctor = Doctor(folder, nats_server.url, postgres_server.url)
    stranger = postgres_server.url_for("nowhere")
    assert "nowhere" in await doctor.finds("PostgreSQL", SHOWRUNNER_DATABASE_URL=stranger)
    await postgres_server.stop()
    assert "nobody answers" in await doctor.finds("PostgreSQL")


async def test_14_a_database_of_a_newer_showrunner(doctor: Doctor, postgres: str) -> None:
    connection = await asyncpg.connect(postgres)
    await connection.execute("INSERT INTO jobs.migration (number, name, checksum) VALUES (9999, 'later', 'x')")
    await connection.close()
    assert "at migration 9999" in await doctor.finds("schema jobs")


async def test_15_a_media_server_that_does_not_answer(doctor: Doctor, postgres: str) -> None:
    await with_server(postgres, doctor.key)
    assert "Attic" in await doctor.finds("server Attic")


async def test_16_a_mail_server_that_does_not_answer(doctor: Doctor, postgres: str) -> None:
    server = MailServer(host="127.0.0.1", port=9, security="plain", login="none", sender="tv@example.org")
    async with open_pool(postgres, schema=SCHEMA) as pool:
        set_up = MailSetUp(pool, Vault.from_file(doctor.key), ZoneInfo("UTC"))
        await set_up.set_policy(MailPolicy(server=server), "kim")
    assert "127.0.0.1" in await doctor.finds("mail")


async def test_17_a_zone_that_may_not_be_meant(doctor: Doctor) -> None:
    found = await doctor.finds("time zone", "warning", TZ="Asia/Kathmandu")
    assert "schedules go by UTC" in found


async def test_how_to_mend_it_stands_below_what_is_wrong(doctor: Doctor, nats_server: BreakableNats) -> None:
    await nats_server.kill()
    said = await doctor.terminal.on_terminal("doctor", NO_COLOR="1")
    assert said.status == 1 and "→ start it, or correct SHOWRUNNER_NATS_URL" in said.out
    assert all(len(text) <= 80 for text in said.out.replace("\r", "").splitlines())
