"""Where it storms: both servers, the outside, and all services, opened in an empty folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from msgspec import structs

from services.gateway.schema import MIGRATIONS as JOBS_MIGRATIONS
from services.gateway.schema import SCHEMA as JOBS
from shared.directory.directory import migrate_media
from shared.runtime.database import migrate
from shared.runtime.secrets import Vault
from tests.support.gateways import Person
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.waiting import wait_until

from . import clocks
from .accessdesk import APPLYING, APPLYING_EVERY, open_access_desk
from .clients import let_in
from .disk import Disk, own_disk
from .fleet import SERVICES, Fleet, open_fleet
from .journal import Journal
from .mailbag import SENDING, SENDING_EVERY, open_mailbag
from .sink import open_sink
from .storm import Outside, Storm
from .telling import Story
from .weather import Kind, forecast


def not_to_be_had(disk: Disk) -> dict[Kind, str]:
    """The kinds of gusts that this machine does not allow, and why."""
    without: dict[Kind, str] = {}
    if not disk.ours:
        without["full disk"] = "mounting a disk for NATS alone takes the rights of root"
    if clocks.library() is None:
        without["clock"] = "libfaketime is not installed (Debian: apt-get install faketime)"
    return without


async def storm_over(folder: Path, seed: int, seconds: float) -> Story:
    """Open the house in an empty folder with a short path, let it storm, and tell what came of it."""
    nats, postgres = BreakableNats(folder / "nats"), BreakablePostgres(folder / "postgres")
    Vault.from_file(folder / "key")
    with own_disk(nats.home / "store") as disk:
        without = not_to_be_had(disk)
        async with nats, postgres, _housed(folder, seed, nats, postgres, disk) as here:
            story = await here.rage(forecast(seed, seconds, SERVICES, without), seconds)
    return structs.replace(story, without=without)


@asynccontextmanager
async def _housed(
    folder: Path, seed: int, nats: BreakableNats, postgres: BreakablePostgres, disk: Disk
) -> AsyncIterator[Storm]:
    await migrate(postgres.url, JOBS, JOBS_MIGRATIONS)
    await migrate_media(postgres.url)
    journal = Journal(folder / "journal")
    async with (
        open_sink() as sink,
        open_mailbag(postgres.url, folder) as mailbag,
        open_access_desk(postgres.url, folder, Random(seed)) as desk,
        open_fleet(folder, nats, postgres, sink.url, journal) as fleet,
    ):
        await fleet.launch_all()
        for job, interval in ((SENDING, SENDING_EVERY), (APPLYING, APPLYING_EVERY)):
            await _run_often(fleet, job, interval)
        yield Storm(fleet, disk, Outside(sink, mailbag, desk), journal, seed)


async def _run_often(fleet: Fleet, job: str, interval: str) -> None:
    """Give one of our own jobs a shorter interval than it has, as people do."""
    async with Person(f"http://127.0.0.1:{fleet.of('gateway')[0].port}") as person:
        await let_in(person)

        async def done() -> bool:
            status, answer = await person.put(f"/api/jobs/{job}/schedule", interval=interval)
            assert status == 200, answer
            return True

        await wait_until(done, 30, what=f"{job} to take its interval")
