"""Jobs that a gateway's tests run, and what is waited for around them."""

from __future__ import annotations

import asyncio
from typing import Any

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from shared.contracts.reports import Change
from shared.contracts.specs import Calendar, Interval, Need, Parameter, Schedule, Spec
from tests.support.gateways import House, Person
from tests.support.waiting import wait_until

HOUR = Interval(every_ms=3_600_000)


def spec(name: str, schedule: Schedule = HOUR, **given: Any) -> Spec:
    return Spec(name=name, title=name.title(), description="A job.", category="test", schedule=schedule, **given)


async def greet(run: RunContext) -> Result:
    run.log("hello")
    run.plan([Change(number=1, action="greet", target=str(run.params.get("who", "all")), why="politeness")])
    run.applied(1)
    run.log("and goodbye")
    return succeeded("greeted")


async def fail(run: RunContext) -> Result:
    raise JobFailed("broken", "it is broken", retry=False)


async def wait_for_ever(run: RunContext) -> Result:
    run.progress(0.5, "half-way")
    await asyncio.Event().wait()
    return succeeded()


JOBS = (
    Job(
        spec("greet", parameters=(Parameter(name="who", title="Who", kind="text"),), dry_run=True,
             needs=(Need(what="a Plex server", hint="Add one."),)),
        greet,
    ),
    Job(spec("fail", attempts=1), fail),
    Job(spec("linger", quiet=True), wait_for_ever),
    Job(spec("nightly", Calendar(expression="30 3 * * *", zone="Europe/Berlin"), advanced=True), greet),
)  # fmt: skip


async def at_work(home: House, *jobs: Job) -> Person:
    """A scheduler that leads, a worker that has these jobs, and an administrator at a gateway that knows it all."""
    await home.scheduler()
    await home.worker(*jobs)
    person, _ = await home.gateway()
    await person.log_in()
    await leading(person, len(jobs))
    return person


async def leading(person: Person, jobs: int) -> None:
    """Once a scheduler leads and so many jobs are known."""

    async def all_known() -> bool:
        answer = await person.read("/api/jobs?advanced=true")
        return answer["scheduler"]["state"] == "leading" and len(answer["jobs"]) == jobs

    await wait_until(all_known, what="a leading scheduler and all jobs")


async def ended(person: Person, run: str) -> Any:
    """The run, once it has finished."""

    async def outcome() -> Any:
        status, answer = await person.get(f"/api/runs/{run}")
        return answer if status == 200 and answer["state"] == "finished" else None

    return await wait_until(outcome, what="the end of the run")
