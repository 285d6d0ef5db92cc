"""The calls about alerts and their channels; and that a gateway tells of jobs that fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.workers.door import Job, JobFailed, Result, RunContext
from tests.simulators.channel import ChannelSimulator
from tests.support.gateway_people import Neighbours, neighbours
from tests.support.gateways import Person, house
from tests.support.handlers import spec
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

CHANNELS = "/api/alerts/channels"
URL = "discord://4711471147/geheim-geheim-geheim"


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as opened:
        yield opened


async def test_a_channel_is_added_changed_and_removed_and_its_address_never_shown(town: Neighbours) -> None:
    status, added = await town.admin.post(CHANNELS, name="ops", url=URL)
    assert status == 201, added
    assert (added["service"], added["enabled"], added["changed_by"]) == ("Discord", True, "admin")
    assert added["kinds"] == ["failed", "held", "stuck", "recovered"] and added["sent_at"] is None
    status, changed = await town.admin.put(f"{CHANNELS}/ops", kinds=["failed"], enabled=False)
    assert status == 200 and (changed["kinds"], changed["enabled"]) == (["failed"], False)
    status, moved = await town.admin.put(f"{CHANNELS}/ops", kinds=["failed"], enabled=True, url="ntfy://host/geheim")
    assert status == 200 and moved["service"] == "ntfy"
    assert (await town.admin.read(CHANNELS))["channels"] == [moved]
    assert (await town.admin.delete(f"{CHANNELS}/ops"))[0] == 204
    audit = await town.admin.read("/api/audit")
    assert [row["action"] for row in audit["audit"][:4]] == [
        "channel.remove", "channel.change", "channel.change", "channel.add",
    ]  # fmt: skip
    assert audit["audit"][1]["after"]["address_changed"] and not audit["audit"][2]["after"]["address_changed"]
    assert "geheim" not in str([audit, added, changed, moved])


WRONG: tuple[tuple[str, str, dict[str, Any] | None, str], ...] = (
    ("POST", CHANNELS, {"name": "two", "url": "nonsense"}, "bad_channel"),
    ("POST", CHANNELS, {"name": "two", "url": "tgram://not-a-token/1"}, "bad_channel"),
    ("POST", CHANNELS, {"name": "ops", "url": URL}, "name_taken"),
    ("POST", CHANNELS, {"name": "a/b", "url": URL}, "bad_body"),
    ("POST", CHANNELS, {"name": "two", "url": URL, "kinds": ["test"]}, "bad_body"),
    ("PUT", f"{CHANNELS}/nobody", {"kinds": [], "enabled": True}, "channel_unknown"),
    ("PUT", f"{CHANNELS}/ops", {"kinds": [], "enabled": True, "url": "nonsense"}, "bad_channel"),
    ("DELETE", f"{CHANNELS}/nobody", None, "channel_unknown"),
    ("POST", f"{CHANNELS}/nobody/test", {}, "channel_unknown"),
)


async def test_what_is_wrong_is_told(town: Neighbours) -> None:
    assert (await town.admin.post(CHANNELS, name="ops", url=URL))[0] == 201
    for method, path, body, code in WRONG:
        status, problem = await town.admin.call(method, path, json=body)
        assert 400 <= status < 500 and problem["code"] == code, (method, path, body)
        assert "not-a-token" not in problem["detail"] and "geheim" not in problem["detail"]
        (channel,) = (await town.admin.read(CHANNELS))["channels"]
        assert channel["service"] == "Discord"


async def test_a_test_waits_for_the_next_run_whatever_kinds_the_channel_takes(town: Neighbours) -> None:
    async with ChannelSimulator() as service:
        await town.admin.post(CHANNELS, name="ops", url=service.address, kinds=[])
        status, alert = await town.admin.post(f"{CHANNELS}/ops/test")
    assert status == 201 and (alert["kind"], alert["run"]) == ("test", None)
    assert [(sending["channel"], sending["state"]) for sending in alert["sendings"]] == [("ops", "due")]
    assert await town.admin.read("/api/alerts") == {"alerts": [alert], "next": None}


async def test_alerts_come_in_pages(town: Neighbours) -> None:
    await town.admin.post(CHANNELS, name="ops", url=URL)
    made = [(await town.admin.post(f"{CHANNELS}/ops/test"))[1]["id"] for _ in range(5)]
    first = await town.admin.read("/api/alerts?limit=3")
    rest = await town.admin.read(f"/api/alerts?limit=3&after={first['next']}")
    assert [alert["id"] for alert in (*first["alerts"], *rest["alerts"])] == made[::-1] and rest["next"] is None


async def test_viewers_see_what_was_told_but_not_where_it_goes(town: Neighbours) -> None:
    viewer = await town.with_role("viewer")
    assert (await viewer.get("/api/alerts"))[0] == 200
    for method, path in (("GET", CHANNELS), ("POST", CHANNELS), ("POST", f"{CHANNELS}/ops/test")):
        status, problem = await viewer.call(method, path, **({} if method == "GET" else {"json": {}}))
        assert (status, problem["code"]) == (403, "forbidden")


async def test_a_group_of_settings_that_is_left_out_stays(town: Neighbours) -> None:
    settings = await town.admin.read("/api/settings")
    assert settings["alerts"] == {"calm_minutes": 30, "stuck_minutes": 15}
    alerts = {"calm_minutes": 5, "stuck_minutes": 60}
    status, changed = await town.admin.put("/api/settings", alerts=alerts)
    assert status == 200 and changed == settings | {"alerts": alerts}
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert (row["action"], row["before"], row["after"]) == ("settings.alerts", settings["alerts"], alerts)
    assert (await town.admin.put("/api/settings", alerts={"calm_minutes": 0}))[1]["code"] == "bad_body"
    assert (await town.admin.put("/api/settings"))[1] == changed


async def fails(run: RunContext) -> Result:
    raise JobFailed("unreachable", "Attic does not answer", retry=False)


async def test_a_gateway_tells_of_a_job_that_fails_and_the_next_one_does_not_tell_it_again(
    nats_server: BreakableNats, postgres: str, folder: Path
) -> None:
    async with house(nats_server.url, postgres, folder) as home:
        await home.scheduler()
        await home.worker(Job(spec("sync_plex", title="Plex synchronization"), fails))
        admin, gateway = await home.gateway()
        run = await failed(await admin.log_in())
        told = await wait_until(lambda: more_than(admin, 0), what="an alert")
        assert [(alert["kind"], alert["run"], alert["reason"]) for alert in told] == [
            ("failed", run, "Attic does not answer")
        ]
        await home.stop(gateway)
        admin, _ = await home.gateway()
        await failed(await admin.log_in())
        await home.worker(Job(spec("tidy"), fails))
        await failed(admin, "tidy")
        newer = await wait_until(lambda: more_than(admin, 1), what="the alert of the other job")
        assert newer[1:] == told and newer[0]["job"] == "tidy"


async def failed(person: Person, job: str = "sync_plex") -> str:
    """Run the job, and wait for the end; which run it was."""

    async def started() -> str | None:
        status, answer = await person.post(f"/api/jobs/{job}/run")
        assert status == 202, answer
        return str(answer["run_id"])

    run = await wait_until(started, what=f"{job} to be known")

    async def ended() -> bool:
        return bool((await person.read(f"/api/runs/{run}"))["outcome"] == "failed")

    await wait_until(ended, what="the run to fail")
    return run


async def more_than(person: Person, count: int) -> list[dict[str, Any]] | None:
    alerts: list[dict[str, Any]] = (await person.read("/api/alerts"))["alerts"]
    return alerts if len(alerts) > count else None
