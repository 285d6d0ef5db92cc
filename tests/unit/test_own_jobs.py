"""Where a stranger's jobs are found, and what is said when they are not there."""

from __future__ import annotations

import pytest

from services.workers.door import Job
from services.workers.own import BadJobs, load_jobs, work
from shared.runtime.settings import read_settings
from tests.support.gateway_jobs import greet, spec


def test_jobs_are_found_by_module_and_name() -> None:
    assert [job.spec.name for job in load_jobs("tests.support.gateway_jobs:JOBS")] == [
        "greet",
        "fail",
        "linger",
        "nightly",
    ]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("my_jobs", "write module:NAME"),
        (":JOBS", "write module:NAME"),
        ("no_such_module:JOBS", "No module named 'no_such_module'; is it in the working directory"),
        ("tests.support.gateway_jobs:JOBLESS", "has no attribute 'JOBLESS'"),
        ("tests.support.gateway_jobs:HOUR", "is no list of jobs"),
        ("tests.support.gateways:PASSWORD", "is no list of jobs"),
    ],
)
def test_what_are_no_jobs_is_refused_with_the_reason(place: str, reason: str) -> None:
    with pytest.raises(BadJobs, match=reason):
        load_jobs(place)


async def test_a_job_that_would_wait_for_quiet_has_to_be_ours() -> None:
    """What people wish stands in a database that a stranger does not see."""
    settings = read_settings({"SHOWRUNNER_NATS_URL": "nats://127.0.0.1:1"})
    with pytest.raises(BadJobs, match="quiet is set in Showrunner's database, which your worker does not see: merge"):
        await work(settings, "test", (Job(spec("merge", quiet=True), greet),))
