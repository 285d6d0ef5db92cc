"""The servers that Showrunner brings: kept data, clean stops, and what happens when something is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import nats
import pytest

from services.cli.embedded.errors import PlaceError, ServerError
from services.cli.embedded.nats import EmbeddedNats
from services.cli.embedded.place import SYSTEM_FOLDER, Place, default_folder, open_place
from services.cli.embedded.postgres import EmbeddedPostgres
from services.cli.embedded.server import Server
from services.cli.embedded.servers import keep_running, started
from services.cli.embedded.symptoms import explain
from tests.support.processes import Processes
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration

PLENTY = 10**10  # bytes of disk

# A parent that says where its servers are and then waits to be killed.
PARENT = """
import asyncio, sys
from pathlib import Path
from services.cli.embedded.place import open_place
from services.cli.embedded.nats import EmbeddedNats
from services.cli.embedded.postgres import EmbeddedPostgres
from services.cli.embedded.servers import started

async def main():
    with open_place(Path(sys.argv[1])) as place:
        postgres, nats = EmbeddedPostgres(place.postgres), EmbeddedNats(place.nats)
        async with started(postgres, nats):
            print("ready", nats.port, postgres.pid, nats.pid)
            await asyncio.Event().wait()

asyncio.run(main())
"""


# A process of PostgreSQL's own user: no other looks like PostgreSQL to it.
STRANGER = "import os, signal, sys; os.setuid(int(sys.argv[1])); print('waiting'); signal.pause()"


async def add_row(server: EmbeddedPostgres) -> int:
    """One more row in a table; how many there are."""
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
        await connection.execute("INSERT INTO kept DEFAULT VALUES")
        return int(await connection.fetchval("SELECT count(*) FROM kept"))
    finally:
        await connection.close()


async def add_message(server: EmbeddedNats) -> int:
    """One more message in a stream; how many there are."""
    client = await nats.connect(server.url, connect_timeout=5)
    try:
        stream = client.jetstream()
        await stream.add_stream(name="KEPT", subjects=["kept"])
        return (await stream.publish("kept", b"message")).seq
    finally:
        await client.close()


def both(place: Place) -> tuple[EmbeddedPostgres, EmbeddedNats]:
    return EmbeddedPostgres(place.postgres), EmbeddedNats(place.nats)


@asynccontextmanager
async def kept_running(*servers: Server, told: list[str]) -> AsyncIterator[None]:
    keeper = asyncio.create_task(keep_running(*servers, report=told.append))
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def told_of(news: str, told: list[str]) -> None:
    await wait_until(lambda: any(news in line for line in told), what=news)


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but that nobody has reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_data_outlives_a_stop(folder: Path) -> None:
    for times in (1, 2):
        with open_place(folder / "data") as place:
            postgres, jetstream = both(place)
            async with started(postgres, jetstream):
                assert await add_row(postgres) == times
                assert await add_message(jetstream) == times
            assert not alive(postgres.pid)
            assert not alive(jetstream.pid)


async def test_a_killed_server_comes_back_with_its_data_at_the_same_address(folder: Path) -> None:
    told: list[str] = []
    with open_place(folder / "data") as place:
        postgres, jetstream = both(place)
        async with started(postgres, jetstream), kept_running(postgres, jetstream, told=told):
            await add_row(postgres)
            await add_message(jetstream)
            urls = postgres.url, jetstream.url
            for server in (postgres, jetstream):
                pid = server.pid
                os.kill(pid, signal.SIGKILL)
                await told_of(f"{server.name} is back", told)
                assert server.pid != pid
            assert (postgres.url, jetstream.url) == urls
            assert await add_row(postgres) == 2
            assert await add_message(jetstream) == 2
    assert any("killed by SIGKILL" in line for line in told)
    assert not any(jetstream.token in line for line in told)


async def test_servers_die_with_a_killed_parent(folder: Path, processes: Processes) -> None:
    parent = processes.python("-c", PARENT, str(folder / "data"))
    _, *pids = [int(number) for number in (await parent.line(r"ready (\d+) (\d+) (\d+)")).groups()]
    await parent.kill()
    await wait_until(lambda: not any(alive(pid) for pid in pids), what="the end of both servers")


async def test_a_start_right_after_a_kill_finds_everything(folder: Path, processes: Processes) -> None:
    parent = processes.python("-c", PARENT, str(folder / "data"))
    port = int((await parent.line(r"ready (\d+)"))[1])
    assert await add_row(EmbeddedPostgres(folder / "data" / "postgres")) == 1
    assert await add_message(EmbeddedNats(folder / "data" / "nats", port=port)) == 1
    await parent.kill()
    with open_place(folder / "data") as place:
        postgres, jetstream = both(place)
        async with started(postgres, jetstream):
            assert await add_row(postgres) == 2
            assert await add_message(jetstream) == 2


async def test_an_orphan_is_stopped_at_the_next_start(nats_server: BreakableNats) -> None:
    assert await add_message(nats_server) == 1
    async with EmbeddedNats(nats_server.home) as successor:
        await nats_server.ended()
        assert await add_message(successor) == 2


async def test_an_orphaned_postgres_is_stopped_at_the_next_start(postgres_server: BreakablePostgres) -> None:
    assert await add_row(postgres_server) == 1
    async with EmbeddedPostgres(postgres_server.home) as successor:
        await postgres_server.ended()
        assert await add_row(successor) == 2


async def test_a_pid_that_belongs_to_somebody_else_now_does_not_keep_postgres_from_starting(
    postgres_server: BreakablePostgres, processes: Processes
) -> None:
    assert await add_row(postgres_server) == 1
    await postgres_server.kill()
    stranger = processes.python("-c", STRANGER, str(postgres_server.home.stat().st_uid))
    await stranger.line("waiting")
    file = postgres_server.home / "data" / "postmaster.pid"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
    await postgres_server.start()
    assert await add_row(postgres_server) == 2
    assert stranger.status is None


async def test_one_showrunner_at_a_time_uses_a_folder(folder: Path) -> None:
    told = rf"another showrunner \(pid {os.getpid()}\) uses .*--data DIR"
    with open_place(folder / "data"), pytest.raises(PlaceError, match=told), open_place(folder / "data"):
        pytest.fail("two of us use one folder")
    with open_place(folder / "data") as place:
        assert place.folder == folder / "data"


def test_the_folder_is_private(folder: Path) -> None:
    with open_place(folder / "a" / "b") as place:
        assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(PlaceError, match=r"can't keep data in .*--data DIR"), open_place(folder / "file"):
        pytest.fail("a file was taken for a folder")


async def test_a_server_whose_folder_cannot_be_made_says_so(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(ServerError, match=r"NATS can't start in .*Not a directory"):
        await EmbeddedNats(folder / "file" / "nats").start()


async def test_strangers_get_no_answer_from_nats(nats_server: BreakableNats) -> None:
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await nats.connect(nats_server.address, connect_timeout=5, allow_reconnect=False, max_reconnect_attempts=0)
    for secret in ("token", "server.conf"):
        assert stat.S_IMODE((nats_server.home / secret).stat().st_mode) == 0o600
    assert nats_server.token not in repr(nats_server)


async def test_nats_flushes_every_write(nats_server: BreakableNats) -> None:
    assert '"sync_interval": "always"' in (nats_server.home / "server.conf").read_text()


async def test_only_the_owner_can_reach_postgres(postgres_server: BreakablePostgres) -> None:
    assert stat.S_IMODE(postgres_server.home.stat().st_mode) == 0o700
    connection = await asyncpg.connect(postgres_server.url)
    try:
        assert await connection.fetchval("SHOW listen_addresses") == ""
        for durable in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert await connection.fetchval("SELECT current_setting($1)", durable) == "on"
    finally:
        await connection.close()


async def test_a_first_start_that_was_cut_short_is_made_up_for(folder: Path) -> None:
    half = folder / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    async with EmbeddedPostgres(folder / "postgres") as server:
        assert await add_row(server) == 1


async def test_postgres_takes_a_folder_with_a_path_too_long_for_a_socket(folder: Path) -> None:
    async with EmbeddedPostgres(folder / ("long" * 40)) as server:
        assert await add_row(server) == 1


async def test_a_taken_port_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = EmbeddedNats(folder / "nats", port=taken.getsockname()[1])
        with pytest.raises(ServerError, match="another program has the port: stop it, or choose another port"):
            await server.start()


async def test_data_of_another_major_version_is_refused(postgres_server: BreakablePostgres) -> None:
    await postgres_server.stop()
    (postgres_server.home / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerError, match=r"made by PostgreSQL 17, and this Showrunner brings 18"):
        await postgres_server.start()


async def test_one_server_that_cannot_start_stops_the_other(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, open_place(folder / "data") as place:
        postgres, jetstream = EmbeddedPostgres(place.postgres), EmbeddedNats(place.nats, port=taken.getsockname()[1])
        with pytest.raises(ServerError, match="NATS did not start"):
            async with started(postgres, jetstream):
                pytest.fail("started in spite of the taken port")
        async with EmbeddedPostgres(place.postgres) as again:
            assert await add_row(again) == 1


async def test_a_paused_nats_goes_on_where_it_was(nats_server: BreakableNats) -> None:
    assert await add_message(nats_server) == 1
    nats_server.pause()
    with pytest.raises((nats.errors.Error, TimeoutError)):
        await nats.connect(nats_server.url, connect_timeout=0.2, allow_reconnect=False)
    nats_server.resume()
    assert await add_message(nats_server) == 2


async def test_each_test_has_an_empty_database(postgres: str) -> None:
    connection = await asyncpg.connect(postgres)
    try:
        await connection.execute("CREATE SCHEMA mine")
        assert await connection.fetchval("SELECT current_user") == "showrunner"
    finally:
        await connection.close()


test_each_test_has_an_empty_database_again = test_each_test_has_an_empty_database


@pytest.mark.parametrize(
    ("words", "free", "remedy"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', PLENTY, "the disk is full"),
        (
            "[1] [FTL] Error listening on port: 127.0.0.1:4222: bind: address already in use",
            PLENTY,
            "choose another port",
        ),
        ("something new", PLENTY, "it said: something new"),
        ("", PLENTY, "it said: nothing"),
        ("", 4096, "the disk is full"),
    ],
)
def test_a_failure_is_explained(words: str, free: int, remedy: str) -> None:
    assert remedy in explain(words, free=free)


@pytest.mark.parametrize(
    ("environ", "platform", "system", "folder"),
    [
        ({}, "linux", True, SYSTEM_FOLDER),
        ({}, "linux", False, Path("/home/ann/.local/share/showrunner")),
        ({"XDG_DATA_HOME": "/data"}, "linux", False, Path("/data/showrunner")),
        ({"XDG_DATA_HOME": "relative"}, "linux", False, Path("/home/ann/.local/share/showrunner")),
        ({}, "darwin", False, Path("/home/ann/Library/Application Support/showrunner")),
    ],
)
def test_the_default_folder(environ: dict[str, str], platform: str, system: bool, folder: Path) -> None:
    assert default_folder(environ, home=Path("/home/ann"), platform=platform, system=system) == folder
