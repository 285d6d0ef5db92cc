"""Jobs that were told to wait for quiet: nobody streams, and it is their hour. Once begun they go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.workers.door import Job, Result, RunContext, succeeded
from services.workers.runtime.entering import QuietBook
from services.workers.runtime.service import run as run_worker
from services.workers.runtime.settings import WorkerSettings
from shared.contracts import codec, subjects
from shared.contracts.resources import Occupied, library_of, streams_of
from shared.directory.directory import SCHEMA
from shared.directory.preferences import Preferences
from shared.messaging.buckets import force
from shared.runtime.clock import utc_now
from shared.runtime.database import open_pool
from shared.timing.quiet import Quiet
from tests.support.handlers import OFTEN_MS, spec
from tests.support.pipeline import Pipeline
from tests.support.waiting import wait_until

ATTIC = uuid4()
UTC = ZoneInfo("UTC")


async def hold(run: RunContext) -> Result:
    async with run.hold(library_of(ATTIC), "Attic's library"):
        return succeeded()


JOBS = (Job(spec("merge", quiet=True), hold), Job(spec("look"), hold))


@pytest.fixture
async def wishes(line: Pipeline, postgres: str) -> AsyncIterator[Preferences]:
    """What people wish, in the database; a worker that asks for it, and all that is around it."""
    await line.scheduler()
    await line.projector()
    async with open_pool(postgres, schema=SCHEMA) as pool:
        preferences = Preferences(pool)
        settings = WorkerSettings(drain_s=0.0, least_interval_ms=OFTEN_MS)
        book = QuietBook(read=preferences.quiet, zone=UTC)
        worker = line.start(run_worker(await line.connected("worker"), JOBS, settings, book))
        for job in JOBS:
            await line.known(job.spec.name)
        yield preferences
        await line.stop(worker)


async def streams(line: Pipeline, what: str) -> None:
    """As the watch says it."""
    sign = codec.encode(Occupied(what=what, since=utc_now()))
    await force(line.bus, subjects.RESOURCES, subjects.outside_key(streams_of(ATTIC)), sign)


async def waits(line: Pipeline, run: UUID, reason: str) -> None:
    async def told() -> bool:
        row = await line.row(run)
        assert row["note"] == f"waiting: {reason}", row["note"]
        return True

    await wait_until(told, what=f"a run that waits: {reason}")


async def test_a_job_waits_until_nobody_streams(line: Pipeline, wishes: Preferences) -> None:
    """Until somebody looks, nobody knows."""
    await wishes.set_quiet("merge", Quiet(nobody_streaming=True), "kim")
    run = await line.run("merge")
    await waits(line, run, "nobody looks whether somebody streams")
    await streams(line, "2 streams on Attic")
    await waits(line, run, "2 streams on Attic")
    assert (await line.ended(await line.run("look")))["outcome"] == "succeeded"
    await streams(line, "")
    assert (await line.ended(run))["outcome"] == "succeeded"


async def test_a_job_waits_for_its_hours(line: Pipeline, wishes: Preferences) -> None:
    begin = utc_now() + timedelta(hours=2)
    later = f"{begin:%H:%M}-{begin + timedelta(hours=1):%H:%M}"
    await wishes.set_quiet("merge", Quiet(hours=later), "kim")
    run = await line.run("merge")
    await waits(line, run, f"its hours, {later}")
    now = utc_now()
    await wishes.set_quiet(
        "merge", Quiet(hours=f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"), "kim"
    )
    assert (await line.ended(run))["outcome"] == "succeeded"


async def test_only_jobs_that_can_be_told_to_wait_do(line: Pipeline, wishes: Preferences) -> None:
    await wishes.set_quiet("look", Quiet(nobody_streaming=True), "kim")
    await streams(line, "1 stream on Attic")
    for job in ("look", "merge"):
        assert (await line.ended(await line.run(job)))["outcome"] == "succeeded"


async def test_what_is_set_for_one_job_leaves_the_others_as_they_are(wishes: Preferences) -> None:
    assert await wishes.quiet() == {}
    night, calm = Quiet(hours="01:00-06:00"), Quiet(nobody_streaming=True)
    assert await wishes.set_quiet("merge", night, "kim") == Quiet()
    assert await wishes.set_quiet("look", calm, "kim") == Quiet()
    assert await wishes.set_quiet("merge", calm, "lee") == night
    assert await wishes.quiet() == {"merge": calm, "look": calm}
