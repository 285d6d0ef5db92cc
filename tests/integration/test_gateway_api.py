"""The API from outside: real scheduler, real worker, real gateway, real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from shared.contracts.reports import Change
from shared.contracts.specs import Calendar, Interval, Need, Parameter, Schedule, Spec
from tests.support.gateways import House, Person, house
from tests.support.servers import BreakableNats
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
    Job(spec("linger"), wait_for_ever),
    Job(spec("nightly", Calendar(expression="30 3 * * *", zone="Europe/Berlin"), advanced=True), greet),
)  # fmt: skip


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def admin(home: House) -> Person:
    await home.scheduler()
    await home.worker(*JOBS)
    person, _ = await home.gateway()
    await person.log_in()
    await leading(person)
    return person


async def leading(person: Person) -> None:
    async def all_known() -> bool:
        answer = await person.read("/api/jobs?advanced=true")
        return answer["scheduler"]["state"] == "leading" and len(answer["jobs"]) == len(JOBS)

    await wait_until(all_known, what="a leading scheduler and all jobs")


async def ended(person: Person, run: str) -> Any:
    async def outcome() -> Any:
        status, answer = await person.get(f"/api/runs/{run}")
        return answer if status == 200 and answer["state"] == "finished" else None

    return await wait_until(outcome, what="the end of the run")


async def test_strangers_are_refused_everywhere(admin: Person, home: House) -> None:
    async with Person(admin.url) as stranger:
        assert (await stranger.get("/healthz"))[0] == 200
        assert (await stranger.get("/readyz"))[0] == 200
        for method, path in (("GET", "/api/jobs"), ("GET", "/api/jobs/greet"), ("POST", "/api/jobs/greet/run"),
                             ("GET", "/api/jobs/sse"), ("GET", "/metrics"), ("GET", "/api/openapi.json"),
                             ("GET", "/nothing"), ("DELETE", "/api/session"), ("GET", "/api/session")):  # fmt: skip
            status, problem = await stranger.call(method, path)
            assert (status, problem["code"]) == (401, "unauthenticated"), path
        status, problem = await stranger.post("/api/session", account="admin", password="wrong")
        assert (status, problem["code"]) == (401, "wrong_password")


async def test_a_job_is_listed_and_shown(admin: Person) -> None:
    answer = await admin.read("/api/jobs")
    assert [job["name"] for job in answer["jobs"]] == ["fail", "greet", "linger"]
    job = await admin.read("/api/jobs/greet")
    assert job["schedule"]["words"] == "Every hour"
    assert job["status"] == "idle" and job["next_run_at"] and job["run_count"] == 0
    assert job["needs"] == [{"what": "a Plex server", "met": False, "hint": "Add one."}]
    nightly = await admin.read("/api/jobs/nightly")
    assert nightly["schedule"] == {
        "kind": "cron", "value": "30 3 * * *", "words": "Every day at 03:30", "timezone": "Europe/Berlin",
        "overridden": False, "minimum": "1s",
    }  # fmt: skip
    upcoming = await admin.read("/api/jobs/nightly/upcoming?count=3")
    assert len(upcoming["slots"]) == 3 and upcoming["timezone"] == "Europe/Berlin"
    assert "T03:30:00" in upcoming["slots"][0]["local"]


async def test_jobs_are_filtered_and_paged(admin: Person) -> None:
    async def names(query: str) -> list[str]:
        return [job["name"] for job in (await admin.read(f"/api/jobs?{query}"))["jobs"]]

    assert await names("advanced=true") == ["fail", "greet", "linger", "nightly"]
    assert await names("text=GREE") == ["greet"]
    assert await names("category=other") == []
    assert await names("status=paused") == []
    first = await admin.read("/api/jobs?limit=2")
    assert first["next"] == "greet"
    assert await names(f"limit=2&after={first['next']}") == ["linger"]


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


async def test_what_is_wrong_with_a_request_is_named(admin: Person) -> None:
    async def code(method: str, path: str, **kwargs: Any) -> tuple[int, str]:
        status, problem = await admin.call(method, path, **kwargs)
        assert problem["status"] == status and problem["detail"]
        return status, problem["code"]

    assert await code("GET", "/api/jobs/nobody") == (404, "job_unknown")
    assert await code("GET", "/api/jobs?colour=red") == (400, "unknown_parameter")
    assert await code("GET", "/api/jobs?status=blue") == (400, "bad_parameter")
    assert await code("GET", "/api/jobs?limit=1&limit=2") == (400, "bad_parameter")
    assert await code("GET", "/api/runs?after=x") == (400, "bad_parameter")
    assert await code("GET", "/api/runs?since=2026-01-01T00:00:00") == (400, "bad_parameter")
    assert await code("GET", f"/api/runs/{uuid4()}") == (404, "run_unknown")
    assert await code("GET", "/api/runs/17") == (404, "run_unknown")
    assert await code("GET", "/nowhere") == (404, "not_found")
    assert await code("PATCH", "/api/jobs/greet") == (405, "method_not_allowed")
    assert await code("POST", "/api/jobs/greet/pause", json={"why": "x"}) == (400, "bad_body")
    assert await code("POST", "/api/jobs/greet/pause", data=b"{") == (400, "bad_body")
    assert await code("POST", "/api/jobs/greet/pause", data=b"\xff") == (400, "bad_body")
    assert await code("POST", "/api/jobs/greet/pause", json={"until": "2000-01-01T00:00:00Z"}) == (400, "bad_body")
    assert await code("POST", "/api/jobs/greet/pause", data=b" " * 1_100_000) == (413, "body_too_large")
    assert await code("POST", "/api/jobs/greet/run", json={"params": {"whom": 1}}) == (422, "bad_params")
    assert await code("POST", "/api/jobs/fail/run", json={"dry_run": True}) == (422, "dry_run_unsupported")
    _, problem = await admin.post("/api/jobs/greet/run", params={"who": 5, "x": 1})
    assert "'x'" in problem["detail"] and "'who' must be a text" in problem["detail"]


async def test_without_a_scheduler_nothing_changes_and_reads_go_on(home: House) -> None:
    scheduler = await home.scheduler()
    await home.worker(*JOBS)
    person, _ = await home.gateway()
    await person.log_in()
    await leading(person)
    await home.stop(scheduler)

    async def absent() -> bool:
        return bool((await person.read("/api/jobs"))["scheduler"]["state"] == "absent")

    await wait_until(absent, what="the scheduler to be missed")
    status, problem = await person.post("/api/jobs/greet/pause")
    assert (status, problem["code"]) == (503, "scheduler_unreachable") and "nothing was changed" in problem["detail"]
    assert (await person.read("/api/jobs/greet"))["status"] == "idle"
    assert (await person.read("/readyz"))["ready"]


async def test_the_audit_trail_says_who_changed_what(admin: Person) -> None:
    await admin.post("/api/jobs/greet/pause", reason="holiday")
    await admin.post("/api/jobs/greet/run")
    trail = (await admin.read("/api/audit"))["audit"]
    assert [(row["who"], row["action"], row["target"]) for row in trail] == [
        ("admin", "job.run", "greet"),
        ("admin", "job.pause", "greet"),
    ]
    assert trail[1]["before"] is None and trail[1]["after"]["reason"] == "holiday"
    assert trail[0]["address"] == "127.0.0.1"


async def test_a_gateway_that_starts_now_shows_what_one_that_heard_everything_shows(home: House, admin: Person) -> None:
    await admin.post("/api/jobs/greet/pause", reason="holiday")
    _, lingering = await admin.post("/api/jobs/linger/run")
    for job in ("greet", "fail", "greet"):
        _, answer = await admin.post(f"/api/jobs/{job}/run")
        await ended(admin, answer["run_id"])

    async def begun() -> bool:
        return bool((await admin.read("/api/jobs/linger"))["status"] == "running")

    await wait_until(begun, what="the lingering run")
    again, _ = await home.gateway()
    await again.log_in()
    await leading(again)
    greet, failed = await again.read("/api/jobs/greet"), await again.read("/api/jobs/fail")
    for name in ("greet", "fail", "linger", "nightly"):
        heard, read = await admin.read(f"/api/jobs/{name}"), await again.read(f"/api/jobs/{name}")
        assert heard.pop("run_count_since_start") == heard["run_count"] and read.pop("run_count_since_start") == 0
        assert heard == read
    assert (await admin.post(f"/api/runs/{lingering['run_id']}/cancel"))[0] == 202
    assert greet["status"] == "paused" and greet["reason"] == "holiday"
    assert failed["status"] == "error" and failed["run_count"] == 1
    assert failed["last_error"]["message"] == "it is broken" and len(failed["recent"]) == 1


async def test_the_openapi_document_names_every_call(admin: Person) -> None:
    document = await admin.read("/api/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]["/api/jobs/{name}/schedule"]) == {"put", "delete"}
    assert "409" in document["paths"]["/api/jobs/{name}/run"]["post"]["responses"]


async def test_metrics_are_shown(admin: Person) -> None:
    async with admin.http.get("/metrics") as response:
        text = await response.text()
    assert "showrunner_jobs 4.0" in text and "showrunner_nats_connected 1.0" in text
