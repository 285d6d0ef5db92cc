"""What a job waits for, over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.workers.door import Job
from shared.contracts.specs import Spec
from tests.support.gateway_jobs import at_work, greet, spec
from tests.support.gateways import House, Person, house
from tests.support.servers import BreakableNats

MERGE: Spec = spec("merge", quiet=True, resources=("disk.a",))


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def admin(home: House) -> Person:
    return await at_work(home, Job(MERGE, greet), Job(spec("greet"), greet))


async def test_a_job_is_told_what_to_wait_for(admin: Person) -> None:
    calm: dict[str, Any] = {"supported": True, "nobody_streaming": False, "hours": "", "timezone": "UTC"}
    assert await admin.read("/api/jobs/merge/quiet") == calm
    status, answer = await admin.put("/api/jobs/merge/quiet", nobody_streaming=True, hours="22:00-06:00")
    assert (status, answer) == (200, calm | {"nobody_streaming": True, "hours": "22:00-06:00"})
    assert await admin.read("/api/jobs/merge/quiet") == answer
    status, answer = await admin.put("/api/jobs/merge/quiet")
    assert (status, answer) == (200, calm)
    first, second, *_ = (await admin.read("/api/audit"))["audit"]
    assert (first["action"], first["target"]) == ("job.quiet", "merge")
    assert second["after"] == {"nobody_streaming": True, "hours": "22:00-06:00"} == first["before"]


async def test_a_job_says_whether_it_can_wait_and_what_it_needs_for_itself(admin: Person) -> None:
    jobs = {job["name"]: job for job in (await admin.read("/api/jobs"))["jobs"]}
    assert (jobs["merge"]["quiet"], jobs["merge"]["resources"]) == (True, ["disk.a"])
    assert (jobs["greet"]["quiet"], jobs["greet"]["resources"]) == (False, [])
    assert not (await admin.read("/api/jobs/greet/quiet"))["supported"]


REFUSED: tuple[tuple[str, dict[str, Any], int, str], ...] = (
    ("greet", {"nobody_streaming": True}, 422, "bad_quiet"),
    ("merge", {"hours": "at night"}, 422, "bad_quiet"),
    ("merge", {"hours": "06:00-06:00"}, 422, "bad_quiet"),
    ("merge", {"loudness": 11}, 400, "bad_body"),
    ("nothing", {}, 404, "job_unknown"),
)


async def test_what_can_not_be_waited_for_is_refused(admin: Person) -> None:
    for job, body, status, code in REFUSED:
        found, answer = await admin.put(f"/api/jobs/{job}/quiet", **body)
        assert (found, answer["code"]) == (status, code), (job, body)
        assert (await admin.read("/api/jobs/merge/quiet"))["hours"] == ""
