"""A hook out can be tried, and how much waits for one that takes nothing has an end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.hooks.rules import MOST_WAITING
from tests.support.backups import execute
from tests.support.gateway_jobs import at_work
from tests.support.gateways import House, Person, house
from tests.support.hooks import JOB, Town
from tests.support.installations import figures_in
from tests.support.receivers import hook_receiver
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

WAITING = f"""
    INSERT INTO jobs.hook_delivery (id, hook, run, job, event, created_at, next_at)
    SELECT gen_random_uuid(), id, gen_random_uuid(), 'end', 'failed', now(), now()
    FROM jobs.hook_out, generate_series(1, {MOST_WAITING + 7})
"""


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def town(home: House) -> AsyncIterator[Town]:
    async with hook_receiver() as receiver:
        yield Town(home, await at_work(home, JOB), receiver, {})


async def test_a_test_is_signed_and_among_what_was_told(town: Town) -> None:
    await town.hook(jobs=["another"], events=["held"])
    status, told = await town.admin.post("/api/hooks/out/home/test")
    assert (status, told["event"], told["run"], told["job"]) == (201, "test", None, "")
    (got,) = await town.receiver.wait_for(1)
    town.check(got)
    assert got.event == "test"
    assert got.told == {"type": "hook_test.v1", "delivery": told["id"], "hook": "home", "event": "test"}
    await town.settled(id=told["id"], state="sent", tries=1, status=200)
    assert [one["id"] for one in await town.deliveries(event="test", text="thank")] == [told["id"]]
    (deed,) = [deed for deed in (await town.admin.read("/api/audit"))["audit"] if deed["action"] == "hook_out.test"]
    assert (deed["target"], deed["after"]) == ("home", {"delivery": told["id"]})


async def test_a_test_that_is_not_taken_is_not_sent_again_by_itself(town: Town) -> None:
    await town.hook()
    town.receiver.status, town.receiver.answer = 500, "no"
    _, told = await town.admin.post("/api/hooks/out/home/test")
    await town.settled(id=told["id"], state="failed", tries=1, status=500, answer="no")
    town.receiver.status = 204
    assert (await town.admin.post(f"/api/hooks/deliveries/{told['id']}/resend"))[0] == 200
    await town.settled(id=told["id"], state="sent", tries=1)
    assert len(town.receiver.got) == 2


async def test_who_can_not_be_tried(town: Town) -> None:
    status, problem = await town.admin.post("/api/hooks/out/nobody/test")
    assert (status, problem["code"]) == (404, "hook_unknown")
    await town.hook(enabled=False)
    status, problem = await town.admin.post("/api/hooks/out/home/test")
    assert (status, problem["code"]) == (409, "hook_disabled")
    assert await town.deliveries() == []


async def test_the_oldest_are_given_up_where_too_many_wait(town: Town, postgres: str) -> None:
    await town.hook(enabled=False)
    await execute(postgres, WAITING)
    second, _ = await town.home.gateway()
    await second.log_in()

    async def given_up() -> list[Any]:
        return await town.deliveries(state="failed")

    gone = await wait_until(given_up, timeout=20, what="those that are given up")
    assert len(gone) == 7 and all("more than 1,000 were waiting" in one["answer"].lower() for one in gone)
    kept = await town.deliveries(state="due", limit="1000")
    assert len(kept) == MOST_WAITING and min(one["number"] for one in kept) > max(one["number"] for one in gone)
    assert sum([await dropped(gateway) for gateway in (town.admin, second)]) == 7
    assert not town.receiver.got


async def dropped(gateway: Person) -> float:
    async with gateway.http.get("/metrics") as response:
        return figures_in(await response.text())["showrunner_hook_deliveries_dropped_total", frozenset()]
