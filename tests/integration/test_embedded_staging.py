"""Batches are put together in memory, and only there; what is acknowledged outlives the server all the same."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from services.cli.embedded.nats import EmbeddedNats
from services.cli.embedded.staging import MEMORY, Staging
from shared.contracts import subjects
from shared.messaging import After, Retention, append, connect, declare, read_all
from shared.messaging.append import Entry
from tests.chaos.storm.disk import own_disk
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not MEMORY.is_dir(), reason="this system has no folder in memory"),
]

BATCH = 10


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[EmbeddedNats]:
    async with EmbeddedNats(folder / "nats") as started:
        yield started


def staged(server: EmbeddedNats) -> Path:
    """Where the server puts batches of ticks together."""
    return server.home / "store/jetstream/$G/streams" / subjects.TICKS / "batches"


async def write_batch(server: EmbeddedNats, name: str) -> None:
    async with connect(server.url, "test") as bus:
        await declare(bus, Retention())
        ticks = [subjects.slot_tick("test", f"{name}_{number}") for number in range(BATCH)]
        await append(bus, [Entry(tick, b"{}", tick, 0) for tick in ticks])


async def written(server: EmbeddedNats) -> int:
    async with connect(server.url, "test") as bus:
        return len(await read_all(bus, subjects.TICKS, (subjects.ALL_TICKS,), After(0)))


async def test_batches_outlive_a_server_that_is_killed(server: EmbeddedNats) -> None:
    await write_batch(server, "first")
    assert staged(server).is_symlink()
    memory = staged(server).resolve()
    assert memory.parent == MEMORY and memory.stat().st_mode & 0o777 == 0o700
    (memory / "left").mkdir()  # as a batch does that was not whole when the server was killed
    os.kill(server.pid, signal.SIGKILL)
    await server.ended()
    await server.start()
    assert not (memory / "left").exists()
    await write_batch(server, "second")
    assert staged(server).is_symlink()
    assert await written(server) == 2 * BATCH


async def test_nothing_stays_in_memory_when_the_server_stops(server: EmbeddedNats) -> None:
    await write_batch(server, "any")
    memory = staged(server).resolve()
    await server.stop()
    assert not memory.exists()


async def test_what_is_taken_away_from_memory_is_made_again(server: EmbeddedNats) -> None:
    await write_batch(server, "before")
    keeper = asyncio.create_task(server.keep_running(lambda _: None))
    shutil.rmtree(staged(server).resolve())
    await wait_until(lambda: staged(server).exists(), what="the folder in memory")
    await write_batch(server, "after")
    assert await written(server) == 2 * BATCH
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper


async def test_a_disk_in_memory_that_is_mounted_there_does_as_well(folder: Path) -> None:
    server = EmbeddedNats(folder / "nats")
    with own_disk(staged(server), 64 * 1024**2) as disk:
        if not disk.ours:
            pytest.skip("mounting a disk takes the rights of root")
        for name in ("first", "second"):
            async with server:
                await write_batch(server, name)
                assert staged(server).is_mount()
        async with server:
            assert await written(server) == 2 * BATCH


@pytest.fixture
def stream(folder: Path) -> Path:
    return folder / "stream"


def test_what_is_being_put_together_stays_where_it_is(folder: Path, stream: Path) -> None:
    batch = stream / "batches" / "batch"
    batch.mkdir(parents=True)
    staging = Staging(stream, folder)
    staging.look()
    assert batch.is_dir()
    batch.rmdir()
    staging.look()
    assert (stream / "batches").is_symlink()


def test_without_a_folder_in_memory_the_server_makes_its_own(folder: Path, stream: Path) -> None:
    Staging(stream, folder / "nowhere").look()
    assert not (stream / "batches").exists()


def test_a_folder_of_somebody_elses_making_is_not_used(folder: Path, stream: Path) -> None:
    (folder / "memory").mkdir()
    Staging(stream, folder / "memory").look()
    ours = (stream / "batches").resolve()
    (stream / "batches").unlink()
    ours.rmdir()
    (folder / "elsewhere").mkdir()
    ours.symlink_to(folder / "elsewhere")
    staging = Staging(stream, folder / "memory")
    staging.look()
    staging.clear()
    assert not (stream / "batches").exists() and (folder / "elsewhere").is_dir()


def test_memory_that_fills_up_is_left_to_others(folder: Path, stream: Path) -> None:
    with own_disk(folder / "memory", 128 * 1024**2) as disk:
        if not disk.ours:
            pytest.skip("mounting a disk takes the rights of root")
        staging = Staging(stream, folder / "memory")
        staging.look()
        assert (stream / "batches").is_symlink()
        disk.fill()
        staging.look()
        assert not (stream / "batches").is_symlink()
