"""Jobs run and controlled over the API: real scheduler, real worker, real gateway, real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway_jobs import JOBS, at_work, ended
from tests.support.gateways import House, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def admin(home: House) -> Person:
    return await at_work(home, *JOBS)


async def test_run_now_leads_to_a_finished_run_with_log_and_changes(admin: Person) -> None:
    status, answer = await admin.post("/api/jobs/greet/run", params={"who": "Ann"})
    assert status == 202
    run = await ended(admin, answer["run_id"])
    assert (run["outcome"], run["summary"], run["trigger"], run["asked_by"]) == (
        "succeeded",
        "greeted",
        "manual",
        "admin",
    )
    assert run["params"] == {"who": "Ann"} and run["duration_ms"] >= 0
    log = await admin.read(f"/api/runs/{run['id']}/log")
    assert [line["text"] for line in log["lines"]] == ["hello", "and goodbye"]
    page = await admin.read(f"/api/runs/{run['id']}/log?limit=1")
    rest = await admin.read(f"/api/runs/{run['id']}/log?limit=1&after={page['next']}")
    assert [line["text"] for line in rest["lines"]] == ["and goodbye"] and rest["next"] is None
    (change,) = (await admin.read(f"/api/runs/{run['id']}/changes"))["changes"]
    assert (change["action"], change["target"], change["state"]) == ("greet", "Ann", "done")

    async def counted() -> Any:
        job = await admin.read("/api/jobs/greet")
        return job if job["run_count"] == 1 else None

    job = await wait_until(counted, what="the board to count the run")
    assert job["last_run"]["id"] == run["id"] and job["run_count_since_start"] == 1
    assert [recent["outcome"] for recent in job["recent"]] == ["succeeded"]


async def test_a_failed_run_is_explained_and_can_be_retried(admin: Person) -> None:
    _, answer = await admin.post("/api/jobs/fail/run")
    run = await ended(admin, answer["run_id"])
    assert run["outcome"] == "failed" and run["error"]["message"] == "it is broken"

    async def failed() -> Any:
        job = await admin.read("/api/jobs/fail")
        return job if job["status"] == "error" else None

    job = await wait_until(failed, what="the status error")
    assert job["last_error"]["message"] == "it is broken"
    status, answer = await admin.post(f"/api/runs/{run['id']}/retry")
    assert status == 202
    again = await ended(admin, answer["run_id"])
    assert again["retry_of"] == run["id"] and again["trigger"] == "retry"
    listed = await admin.read("/api/runs?job=fail&outcome=failed&limit=1")
    assert listed["runs"][0]["id"] == again["id"] and listed["next"] == again["id"]
    older = await admin.read(f"/api/runs?job=fail&after={listed['next']}")
    assert [run["id"] for run in older["runs"]] == [run["id"]]
    assert (await admin.read("/api/runs?trigger=slot"))["runs"] == []
    assert (await admin.read("/api/runs?since=2100-01-01T00:00:00Z"))["runs"] == []


async def test_a_running_run_is_shown_refuses_another_and_is_cancelled(admin: Person) -> None:
    _, answer = await admin.post("/api/jobs/linger/run")

    async def half_way() -> Any:
        job = await admin.read("/api/jobs/linger")
        return job if job["running"] and job["running"]["progress"] == 0.5 else None

    job = await wait_until(half_way, what="progress")
    assert job["status"] == "running" and job["running"]["run_id"] == answer["run_id"]
    status, problem = await admin.post("/api/jobs/linger/run")
    assert (status, problem["code"]) == (409, "job_running")
    assert (await admin.post(f"/api/runs/{answer['run_id']}/retry"))[1]["code"] == "run_not_finished"
    assert (await admin.post(f"/api/runs/{answer['run_id']}/cancel"))[0] == 202
    assert (await ended(admin, answer["run_id"]))["outcome"] == "cancelled"


async def test_pause_resume_disable_enable_show_at_once(admin: Person) -> None:
    status, job = await admin.post("/api/jobs/greet/pause", reason="holiday")
    assert status == 200 and job["status"] == "paused" and job["reason"] == "holiday" and job["next_run_at"] is None
    status, job = await admin.post("/api/jobs/greet/pause", until="2100-01-01T00:00:00Z")
    assert job["paused_until"] == "2100-01-01T00:00:00Z"
    _, job = await admin.post("/api/jobs/greet/resume")
    assert job["status"] == "idle" and job["next_run_at"]
    _, job = await admin.post("/api/jobs/greet/disable", reason="broken")
    assert job["status"] == "disabled" and not job["enabled"] and job["next_run_at"] is None
    status, problem = await admin.post("/api/jobs/greet/run")
    assert (status, problem["code"]) == (409, "job_disabled")
    _, job = await admin.post("/api/jobs/greet/enable")
    assert job["enabled"]


async def test_the_interval_is_changed_and_put_back(admin: Person) -> None:
    before = (await admin.read("/api/jobs/greet"))["next_run_at"]
    for interval in ("30s", "5m", "1h", "1d"):
        status, job = await admin.put("/api/jobs/greet/schedule", interval=interval)
        assert status == 200 and job["schedule"]["value"] == interval and job["schedule"]["overridden"]
    for interval in ("", "5", "m", "-5m", "0m", "1.5h", "5 m", "5m ", "1w", "999999999999d", "5M"):
        status, problem = await admin.put("/api/jobs/greet/schedule", interval=interval)
        assert (status, problem["code"]) == (422, "bad_interval"), interval
    status, job = await admin.delete("/api/jobs/greet/schedule")
    assert job["next_run_at"] == before and not job["schedule"]["overridden"]
    status, problem = await admin.put("/api/jobs/nightly/schedule", interval="5m")
    assert (status, problem["code"]) == (409, "schedule_locked")


async def test_the_next_run_is_skipped(admin: Person) -> None:
    before = (await admin.read("/api/jobs/nightly"))["next_run_at"]
    status, job = await admin.post("/api/jobs/nightly/skip")
    assert status == 200 and job["next_run_at"] > before
    upcoming = await admin.read("/api/jobs/nightly/upcoming?count=2")
    assert [slot["passed_over"] for slot in upcoming["slots"]] == [True, False]


async def test_slots_are_accounted_for(admin: Person) -> None:
    await admin.put("/api/jobs/greet/schedule", interval="1s")

    async def fired(count: int) -> Any:
        slots = (await admin.read("/api/jobs/greet/slots"))["slots"]
        return slots if sum(slot["fired"] for slot in slots) >= count else None

    slots = await wait_until(lambda: fired(2), what="two slots")
    assert slots[0]["slot"] > slots[1]["slot"] and slots[0]["lateness_ms"] >= 0
    await admin.post("/api/jobs/greet/disable")

    async def passed_over() -> Any:
        slots = (await admin.read("/api/jobs/greet/slots"))["slots"]
        return next((slot for slot in slots if slot["why"] == "disabled"), None)

    await admin.post("/api/jobs/greet/enable")
    await wait_until(lambda: fired(3), what="a slot after the job was enabled")
    assert not (await admin.read("/api/jobs/greet"))["paused"]
    page = await admin.read("/api/jobs/greet/slots?limit=1")
    following = await admin.call("GET", "/api/jobs/greet/slots", params={"limit": "1", "after": page["next"]})
    assert following[0] == 200 and following[1]["slots"][0]["slot"] < page["slots"][0]["slot"]


async def test_bulk_tells_each_result(admin: Person) -> None:
    status, answer = await admin.post("/api/jobs/bulk", action="pause", names=["greet", "nobody"], reason="move")
    assert status == 200
    assert [(result["name"], result["done"], result["code"]) for result in answer["results"]] == [
        ("greet", True, None),
        ("nobody", False, "job_unknown"),
    ]
    _, answer = await admin.post("/api/jobs/bulk", action="resume", filter={"status": "paused"})
    assert [result["name"] for result in answer["results"]] == ["greet"]
    assert (await admin.post("/api/jobs/bulk", action="run"))[1]["code"] == "bad_body"
