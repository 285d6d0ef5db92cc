"""NATS on a small disk, and on one that fills up: what it could not write is over when there is room again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from services.cli.embedded.nats import EmbeddedNats
from shared.messaging import Bus, Retention, Unreachable, connect, declare
from shared.messaging.append import append_plain
from tests.chaos.storm.disk import Disk, own_disk
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration

SMALL = 256 * 1024**2  # bytes: a sixteenth of what the reports may come to
SUBJECT = "ticks.test.tidy.slot"


@pytest.fixture
def disk(folder: Path) -> Iterator[Disk]:
    (folder / "nats").mkdir(mode=0o700)
    with own_disk(folder / "nats" / "store", SMALL) as made:
        if not made.ours:
            pytest.skip("mounting a disk for NATS alone takes the rights of root")
        yield made


@pytest.fixture
async def server(folder: Path, disk: Disk) -> AsyncIterator[EmbeddedNats]:
    async with EmbeddedNats(folder / "nats", look_s=0.1) as started:
        yield started


@pytest.fixture
async def told(server: EmbeddedNats) -> AsyncIterator[list[str]]:
    """What whoever keeps the server running has to say."""
    said: list[str] = []
    keeper = asyncio.create_task(server.keep_running(said.append))
    yield said
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper


@pytest.fixture
async def bus(server: EmbeddedNats) -> AsyncIterator[Bus]:
    async with connect(server.url, "test") as connected:
        await declare(connected, Retention())
        yield connected


async def answered(bus: Bus) -> bool:
    """Whether a write is answered."""
    try:
        await append_plain(bus, SUBJECT, b"x" * 4096, timeout=0.5)
    except Unreachable:
        return False
    return True


async def until_refused(bus: Bus) -> None:
    """Write until the last page is full."""

    async def refused() -> bool:
        return not await answered(bus)

    await wait_until(refused, 20, what="a write that is not answered")


async def test_writes_go_on_when_a_full_disk_has_room_again(bus: Bus, disk: Disk, told: list[str]) -> None:
    assert await answered(bus)
    disk.fill()
    await until_refused(bus)
    await wait_until(lambda: any("the disk is full" in line for line in told), what="word of the full disk")
    disk.clear()
    await wait_until(lambda: answered(bus), 20, what="a write that is answered")
    assert sum("there is room" in line for line in told) == 1


async def test_what_fills_the_disk_for_a_moment_between_two_looks_is_noticed(
    bus: Bus, disk: Disk, told: list[str]
) -> None:
    disk.fill()
    await until_refused(bus)
    disk.clear()
    await wait_until(lambda: answered(bus), 20, what="a write that is answered")
