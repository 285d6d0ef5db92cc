"""A server goes away and comes back: nothing is lost, nothing is done twice, and whoever can go on does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.gateway.asking import SchedulerUnreachable
from services.workers.door import Job
from shared.contracts.commands import Resume
from shared.contracts.reports import Finished
from shared.timing.slots import compile_schedule
from tests.support.account import account_of_log, account_of_rows
from tests.support.handlers import Held, every, idle, spec
from tests.support.pipeline import Pipeline, open_pipeline
from tests.support.servers import NatsServer, PostgresServer
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.official, pytest.mark.slow]

QUICK = [idle(f"quick_{number}", every(200 + number)) for number in range(10)]


async def all_go_on(line: Pipeline) -> None:
    """Wait until two more runs of each job have ended."""
    for job in QUICK:
        await line.all_ended(job.spec.name, len(await line.rows(job.spec.name)) + 2, timeout=20)


async def counted(line: Pipeline) -> None:
    """Every slot is accounted for once, in the log and in Postgres; runs are numbered without a gap."""
    await line.projected()
    for job in QUICK:
        name, timetable = job.spec.name, compile_schedule(job.spec.schedule, job.spec.name)
        logged = account_of_log(await line.ticks(name))
        written = await account_of_rows(line.pool, name)
        assert logged.faults(timetable, since=logged.fired[0] - 1) == []
        assert written.faults(timetable, since=logged.fired[0] - 1) == []
        numbers = [row["number"] for row in await line.rows(name) if row["state"] == "finished"]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


async def test_nats_is_killed_and_comes_back(line: Pipeline, nats_server: NatsServer) -> None:
    held = Held()
    await line.all(*QUICK, Job(spec("slow"), held))
    run = await line.run("slow")
    await held.has_begun()
    await all_go_on(line)
    await nats_server.kill()
    with pytest.raises(SchedulerUnreachable):
        await line.ask(Resume(job="slow", by="kim"))
    await nats_server.restart()
    await all_go_on(line)
    held.let_go()
    row = await line.ended(run)
    assert (row["outcome"], held.begun) == ("succeeded", [(run, 1)]), "its worker kept it through the outage"
    await counted(line)


async def test_a_worker_stops_without_nats_and_its_run_is_taken_over(line: Pipeline, nats_server: NatsServer) -> None:
    held = Held()
    job = Job(spec("slow"), held)
    await line.scheduler()
    await line.projector()
    worker = await line.worker(job, ack_wait_s=1.0)
    await line.known("slow")
    run = await line.run("slow")
    await held.has_begun()
    await nats_server.kill()
    await asyncio.wait_for(line.stop(worker), 20)
    assert held.at_work == 0
    await nats_server.restart()
    held.let_go()
    await line.worker(job, ack_wait_s=1.0)
    assert (await line.ended(run, timeout=20))["outcome"] == "succeeded"
    # NATS writes down how often it has delivered a tick later than it delivers it: killed in between, it counts anew.
    assert [begun for begun, _ in held.begun] == [run, run]


async def test_nats_hangs_for_a_while(line: Pipeline, nats_server: NatsServer) -> None:
    await line.all(*QUICK)
    await all_go_on(line)
    nats_server.pause()
    with pytest.raises(SchedulerUnreachable):
        await line.ask(Resume(job="quick_0", by="kim"))
    nats_server.resume()
    await all_go_on(line)
    await counted(line)


@pytest.fixture
async def own(nats_server: NatsServer, postgres_server: PostgresServer) -> AsyncIterator[Pipeline]:
    """With a Postgres of its own, which may be hurt."""
    async with open_pipeline(nats_server.url, postgres_server.url) as opened:
        yield opened


async def test_without_postgres_the_work_goes_on_and_is_told_later(
    own: Pipeline, postgres_server: PostgresServer
) -> None:
    await own.all(*QUICK)
    await all_go_on(own)
    await postgres_server.kill()
    names = {job.spec.name for job in QUICK}

    async def ends() -> dict[str, int]:
        reports = [report for report in await own.reports() if isinstance(report, Finished)]
        return {name: sum(report.job == name for report in reports) for name in names}

    before = await ends()

    async def more() -> bool:
        return all(count >= before[name] + 5 for name, count in (await ends()).items())

    await wait_until(more, what="runs to go on without Postgres")
    await postgres_server.restart()
    await all_go_on(own)
    await counted(own)
