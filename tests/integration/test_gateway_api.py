"""The API from outside: real scheduler, real worker, real gateway, real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.gateway_jobs import JOBS, at_work, ended, leading
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
    await leading(person, len(JOBS))
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
    await leading(again, len(JOBS))
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
    assert "showrunner_jobs 4.0" in text and 'showrunner_nats_connected{connection="gateway"} 1.0' in text
