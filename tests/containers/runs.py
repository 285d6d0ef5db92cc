"""Runs as a person sees them who asks over the API."""

from __future__ import annotations

from typing import Any

from tests.support.gateways import Person
from tests.support.waiting import wait_until

ENDED_WITHIN = 60.0  # seconds: a run whose worker was killed is taken over first


async def run_job(person: Person, job: str) -> Any:
    """Ask for a run until it is accepted, and wait for its end; the run."""

    async def accepted() -> str | None:
        status, answer = await person.post(f"/api/jobs/{job}/run")
        # 503 promises that nothing has changed, and 409 that one is under way: both end by themselves.
        assert status in (202, 409, 503), answer
        return str(answer["run_id"]) if status == 202 else None

    run_id = await wait_until(accepted, ENDED_WITHIN, what=f"an accepted run of {job}")

    async def ended() -> Any:
        status, run = await person.get(f"/api/runs/{run_id}")
        return run if status == 200 and run["state"] == "finished" else None

    return await wait_until(ended, ENDED_WITHIN, what=f"the end of {job}")


async def is_ready(person: Person) -> bool:
    """Whether the gateway has all that it needs."""
    status, _ = await person.get("/readyz")
    return status == 200
