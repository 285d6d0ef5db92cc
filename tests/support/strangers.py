"""Somebody else's workers, beside a scheduler and a gateway, and a person who looks at their jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.gateways import Person, house
from tests.support.processes import Process, Processes
from tests.support.waiting import wait_until

ACK_WAIT_S = "2"
"""Seconds of silence after which a killed worker's run goes to another."""

Start = Callable[[], Process]


@dataclass(frozen=True)
class Beside:
    """A scheduler that leads and a gateway, which know no job; an administrator; and room for strangers' programs."""

    person: Person
    folder: Path
    _processes: Processes
    _env: dict[str, str]

    def python(self, script: str, **env: str) -> Process:
        return self._processes.python(script, env={**self._env, **env})

    def program(self, *command: str, cwd: Path, **env: str) -> Process:
        return self._processes.program(*command, env={**self._env, **env}, cwd=cwd)


@asynccontextmanager
async def beside_showrunner(
    nats_url: str, database_url: str, folder: Path, processes: Processes
) -> AsyncIterator[Beside]:
    """All that a stranger is told is the address of NATS."""
    async with house(nats_url, database_url, folder) as home:
        await home.scheduler()
        person, _ = await home.gateway()
        await person.log_in()
        yield Beside(person, folder, processes, {"SHOWRUNNER_NATS_URL": nats_url, "SHOWRUNNER_ACK_WAIT_S": ACK_WAIT_S})


async def appears(person: Person, job: str) -> Any:
    """The job, once the API shows it."""

    async def shown() -> Any:
        status, answer = await person.get(f"/api/jobs/{job}")
        return answer if status == 200 else None

    return await wait_until(shown, 30, what=f"{job} in the API")


async def run_by_hand(person: Person, job: str, **params: Any) -> str:
    """The id of a new run."""

    async def taken() -> Any:
        status, answer = await person.post(f"/api/jobs/{job}/run", params=params)
        assert status == 202, answer
        return answer["run_id"]

    return str(await wait_until(taken, what=f"a run of {job}"))


async def run_when(person: Person, run: str, holds: Callable[[Any], bool], what: str, within: float = 30) -> Any:
    """The run, as soon as that holds."""

    async def reached() -> Any:
        status, answer = await person.get(f"/api/runs/{run}")
        assert status == 200 and holds(answer), answer
        return answer

    return await wait_until(reached, within, what=what)


async def has_ended(person: Person, run: str, within: float = 30) -> Any:
    return await run_when(person, run, lambda found: found["state"] == "finished", "the end of the run", within)


async def runs_on_schedule(person: Person, job: str) -> Any:
    """The first run of a slot that has ended, on an interval of a second that a person sets and takes back."""
    status, answer = await person.put(f"/api/jobs/{job}/schedule", interval="1s")
    assert status == 200, answer

    async def fired() -> Any:
        runs = (await person.read(f"/api/runs?job={job}"))["runs"]
        return next((run for run in runs if run["trigger"] == "slot" and run["state"] == "finished"), None)

    run = await wait_until(fired, 30, what=f"a run of {job} by its schedule")
    status, _ = await person.delete(f"/api/jobs/{job}/schedule")
    assert status == 200
    await wait_until(lambda: _idle(person, job), 30, what=f"{job} to be idle")
    return run


async def _idle(person: Person, job: str) -> bool:
    return bool((await person.read(f"/api/jobs/{job}"))["running"] is None)


async def is_cancelled(person: Person, run: str) -> None:
    """Cancel a run that has not ended, and see it end."""
    status, answer = await person.post(f"/api/runs/{run}/cancel")
    assert status in (200, 202), answer
    ended = await has_ended(person, run)
    assert ended["outcome"] == "cancelled" and ended["summary"].startswith("cancelled by admin"), ended


async def is_taken_over(person: Person, run: str, worker: Process, start: Start, settle: Awaitable[None]) -> Any:
    """Kill the worker in the midst of a run, start another, and see the run end there. `settle` is awaited between."""
    await run_when(person, run, lambda found: found["state"] == "running", "the run to be under way")
    await worker.kill()
    await settle
    start()
    ended = await has_ended(person, run)
    assert ended["attempt"] == 2, ended
    return ended
