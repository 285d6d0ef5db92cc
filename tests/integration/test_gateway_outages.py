"""A gateway while NATS or Postgres is away: it stays up, says so, and goes on by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts.specs import Interval, Spec
from tests.support.eventstreams import events
from tests.support.gateways import Person, house
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.waiting import wait_until


async def work(run: RunContext) -> Result:
    return succeeded("done")


JOB = Job(Spec(name="work", title="Work", description="", category="test", schedule=Interval(every_ms=3_600_000)), work)


async def scheduler_state(person: Person) -> Any:
    return (await person.read("/api/jobs"))["scheduler"]


async def leading(person: Person) -> bool:
    answer = await person.read("/api/jobs")
    return answer["scheduler"]["state"] == "leading" and len(answer["jobs"]) == 1


async def runs_to_its_end(person: Person, count: int) -> None:
    async def started() -> bool:
        status, _ = await person.post("/api/jobs/work/run")
        return status == 202

    async def counted() -> bool:
        return bool((await person.read("/api/jobs/work"))["run_count"] >= count)

    await wait_until(started, 20, what="a run to be taken")
    await wait_until(counted, 20, what="the run to be counted")


async def test_nats_goes_and_comes_back(nats_server: BreakableNats, postgres: str, folder: Path) -> None:
    async with house(nats_server.url, postgres, folder) as home:
        await home.scheduler()
        await home.worker(JOB)
        person, _ = await home.gateway()
        await person.log_in()
        await wait_until(lambda: leading(person), what="a leading scheduler")
        async with events(person, "/api/jobs/sse") as stream:
            await nats_server.kill()
            await stream.until("scheduler", state="unreachable")
            assert (await person.read("/api/jobs/work"))["status"] == "idle"
            status, problem = await person.post("/api/jobs/work/pause")
            assert (status, problem["code"]) == (503, "scheduler_unreachable")
            assert "nothing was changed" in problem["detail"]
            status, readiness = await person.get("/readyz")
            assert status == 503 and not readiness["nats"] and readiness["postgres"]
            await nats_server.restart()
            await stream.until("scheduler", 30, state="leading")
            await runs_to_its_end(person, 1)
            await stream.until("job", name="work", run_count=1)


async def test_postgres_goes_and_comes_back(
    nats_server: BreakableNats, postgres_server: BreakablePostgres, folder: Path
) -> None:
    async with house(nats_server.url, postgres_server.url, folder) as home:
        await home.scheduler()
        await home.worker(JOB)
        person, _ = await home.gateway()
        await person.log_in()
        await wait_until(lambda: leading(person), what="a leading scheduler")
        await runs_to_its_end(person, 1)
        await postgres_server.kill()

        async def noticed() -> bool:
            return "database" in (await scheduler_state(person))["detail"]

        await wait_until(noticed, 20, what="the gateway to notice")
        assert (await person.read("/api/jobs/work"))["run_count"] == 1
        status, problem = await person.get("/api/runs")
        assert (status, problem["code"]) == (503, "database_unreachable")
        status, readiness = await person.get("/readyz")
        assert status == 503 and readiness["nats"] and not readiness["postgres"]
        async with Person(person.url) as stranger:
            cookie = {"Cookie": "showrunner_session=unknown"}
            assert (await stranger.call("GET", "/healthz", headers=cookie))[0] == 200
            status, problem = await stranger.call("GET", "/api/jobs", headers=cookie)
            assert (status, problem["code"]) == (503, "database_unreachable")
        status, job = await person.post("/api/jobs/work/pause", reason="in the dark")
        assert status == 200 and job["paused"]
        await postgres_server.restart()

        async def recorded() -> Any:
            status, answer = await person.get("/api/audit")
            return [row["action"] for row in answer["audit"]] if status == 200 else None

        async def pause_recorded() -> bool:
            return "job.pause" in (await recorded() or ())

        await wait_until(pause_recorded, 20, what="the pause in the audit trail")
        await person.post("/api/jobs/work/resume")
        await runs_to_its_end(person, 2)
        assert (await person.get("/readyz"))[0] == 200


async def test_postgres_goes_while_a_stream_of_one_run_is_open(
    nats_server: BreakableNats, postgres_server: BreakablePostgres, folder: Path
) -> None:
    gate = asyncio.Event()

    async def wait(run: RunContext) -> Result:
        run.log("begun")
        await gate.wait()
        return succeeded("through")

    async with house(nats_server.url, postgres_server.url, folder) as home:
        await home.scheduler()
        await home.worker(Job(JOB.spec, wait))
        person, _ = await home.gateway()
        await person.log_in()
        await wait_until(lambda: leading(person), what="a leading scheduler")
        _, answer = await person.post("/api/jobs/work/run")

        async def in_postgres() -> bool:
            return (await person.get(f"/api/runs/{answer['run_id']}"))[0] == 200

        await wait_until(in_postgres, what="the run in Postgres")
        async with events(person, f"/api/runs/{answer['run_id']}/sse") as stream:
            await stream.until("log", text="begun")
            await postgres_server.kill()
            gate.set()
            await postgres_server.restart()
            await stream.until("run", 30, outcome="succeeded")
            assert await stream.next() is None
