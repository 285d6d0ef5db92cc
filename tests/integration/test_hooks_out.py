"""Other programs are told how runs ended: signed, again until they take it, and nothing is lost with a gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.runtime.clock import utc_now
from tests.support.gateway_jobs import at_work, leading
from tests.support.gateways import House, house
from tests.support.handlers import every, idle
from tests.support.hooks import JOB, OTHER, Town
from tests.support.pipeline import Pipeline
from tests.support.receivers import hook_receiver
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def town(home: House) -> AsyncIterator[Town]:
    async with hook_receiver() as receiver:
        yield Town(home, await at_work(home, JOB, OTHER), receiver, {})


async def test_a_receiver_is_told_what_it_wants_to_hear_signed(town: Town) -> None:
    await town.hook(jobs=["end"])
    runs = [await town.run(how) for how in ("well", "badly", "badly", "held", "well", "well")]
    await town.run("badly", job="other")
    got = await town.receiver.wait_for(4)
    assert [one.event for one in got] == ["failed", "failed", "held", "recovered"]
    for one in got:
        town.check(one)
        assert one.told["type"] == "hook.v1" and one.told["delivery"] == one.delivery and one.told["hook"] == "home"
    assert [one.told["run"]["id"] for one in got] == runs[1:5]
    run = got[0].told["run"]
    assert run["error"] == {"code": "broken", "message": "it is broken", "trace": ""} and run["outcome"] == "failed"
    await town.settled(state="sent")
    assert len(town.receiver.got) == 4


async def test_by_category_and_of_every_end(town: Town) -> None:
    await town.hook("all", categories=["test"], events=["finished"])
    await town.hook("none", categories=["mail"], events=["finished"])
    await town.run("well")
    await town.run("badly", job="other")
    assert [one.event for one in await town.receiver.wait_for(2)] == ["finished", "failed"]
    assert {one["hook"] for one in await town.deliveries()} == {"all"}
    status, _ = await town.admin.put("/api/hooks/out/all", url=town.receiver.url, events=["finished"], enabled=False)
    assert status == 200
    await town.run("well")
    assert len(await town.deliveries()) == 2


async def test_what_is_not_taken_is_tried_again_and_can_be_sent_again(town: Town) -> None:
    town.receiver.status, town.receiver.answer = 500, "x\0" + "ö" * 600
    await town.hook()
    run = await town.run("badly")
    waiting = await town.settled(status=500)
    assert (waiting["state"], waiting["tries"], waiting["run"]) == ("due", 1, run)
    assert waiting["answer"] == "x" + "ö" * 499
    wait = datetime.fromisoformat(waiting["next_at"]) - utc_now()
    assert timedelta(seconds=30) < wait <= timedelta(minutes=1)
    town.receiver.status, town.receiver.answer = 204, ""
    status, answer = await town.admin.post(f"/api/hooks/deliveries/{waiting['id']}/resend")
    assert (status, answer["state"], answer["tries"]) == (200, "due", 0)
    sent = await town.settled(state="sent")
    assert (sent["id"], sent["tries"], sent["status"]) == (waiting["id"], 1, 204) and sent["closed_at"]
    first, second = await town.receiver.wait_for(2)
    assert first.delivery == second.delivery and first.body == second.body
    town.check(second)
    deeds = (await town.admin.read("/api/audit"))["audit"]
    assert (deeds[0]["action"], deeds[0]["target"]) == ("hook_delivery.resend", waiting["id"])


@pytest.mark.slow
async def test_it_is_given_up_after_ten_tries(town: Town, postgres: str) -> None:
    town.receiver.status = 503
    await town.hook()
    await town.run("badly")
    connection = await asyncpg.connect(postgres)

    async def given_up() -> Any:
        await pass_time(connection)
        return [one for one in await town.deliveries() if one["state"] == "failed"]

    try:
        (found,) = await wait_until(given_up, timeout=30, what="the last try")
        assert (found["tries"], found["status"]) == (10, 503) and found["closed_at"]
        await pass_time(connection)
    finally:
        await connection.close()
    await town.run("held")
    deliveries = Counter(one.delivery for one in await town.receiver.wait_for(11))
    assert sorted(deliveries.values()) == [1, 10]


async def pass_time(connection: asyncpg.Connection) -> None:
    """As if it were an hour later, for all that is due."""
    await connection.execute("UPDATE jobs.hook_delivery SET next_at = next_at - interval '1 hour'")


async def test_redirects_are_not_followed(town: Town) -> None:
    async with hook_receiver() as elsewhere:
        town.receiver.status, town.receiver.headers = 307, {"Location": elsewhere.url}
        await town.hook()
        await town.run("badly")
        assert (await town.settled(status=307))["state"] == "due"
        assert not elsewhere.got


async def test_nobody_there_is_said_in_words_and_a_slow_one_holds_up_nobody(town: Town) -> None:
    async with hook_receiver() as slow:
        slow.mute()
        await town.hook("slow", url=slow.url)
        await town.hook("gone", url="http://127.0.0.1:9/")
        await town.hook("quick")
        await town.run("badly")
        await town.receiver.wait_for(1)
        await slow.wait_for(1)

        async def explained() -> list[Any]:
            return [
                one for one in await town.deliveries(hook="gone", state="due") if "nothing listens" in one["answer"]
            ]

        (found,) = await wait_until(explained, what="a reason")
        assert found["status"] is None and "127.0.0.1" not in found["answer"]


async def test_deliveries_can_be_searched_and_paged(town: Town) -> None:
    await town.hook(events=["finished"])
    runs = [await town.run("badly" if number == 2 else "well") for number in range(4)]
    await town.receiver.wait_for(4)
    await town.settled(state="sent")
    assert [one["run"] for one in await town.deliveries(event="failed")] == [runs[2]]
    assert [one["run"] for one in await town.deliveries(text=runs[1].upper())] == [runs[1]]
    assert len(await town.deliveries(text="Thank You")) == 4
    assert await town.deliveries(hook="nobody") == [] == await town.deliveries(state="failed")
    first = await town.admin.read("/api/hooks/deliveries?limit=3")
    rest = await town.admin.read(f"/api/hooks/deliveries?limit=3&after={first['next']}")
    assert [one["run"] for one in (*first["deliveries"], *rest["deliveries"])] == runs[::-1] and rest["next"] is None


async def test_an_address_is_checked_and_a_secret_never_shown_again(town: Town) -> None:
    status, problem = await town.admin.post("/api/hooks/out", name="a", url="http://kim:pw@example.org")
    assert (status, problem["code"]) == (422, "bad_target")
    await town.hook()
    status, renewed = await town.admin.post("/api/hooks/out/home/secret")
    assert status == 200 and renewed["secret"] != town.secrets["home"]
    town.secrets["home"] = renewed["secret"]
    await town.run("badly")
    town.check((await town.receiver.wait_for(1))[0])
    shown = str([await town.admin.read("/api/hooks"), await town.admin.read("/api/audit"), await town.deliveries()])
    assert "srh_" not in shown
    assert (await town.admin.delete("/api/hooks/out/home"))[0] == 204
    assert await town.deliveries() == []


async def test_a_gateway_that_dies_while_it_sends_loses_nothing(home: House, postgres: str) -> None:
    """Another one sends what was in hand, once its time is up, under the same id."""
    await home.scheduler()
    await home.worker(JOB)
    admin, gateway = await home.gateway()
    await admin.log_in()
    await leading(admin, 1)
    async with hook_receiver() as receiver:
        town = Town(home, admin, receiver, {})
        await town.hook()
        receiver.mute()
        await town.run("badly")
        await receiver.wait_for(1)
        await home.stop(gateway)
        receiver.speak()
        await home.gateway()
        connection = await asyncpg.connect(postgres)
        try:
            assert await connection.fetchval("SELECT state FROM jobs.hook_delivery") == "due"
            await pass_time(connection)
        finally:
            await connection.close()
        one, again = await receiver.wait_for(2)
        assert one.delivery == again.delivery and one.body == again.body


async def test_every_end_is_told_once_however_often_projectors_die(line: Pipeline) -> None:
    """What is written of a run and that a hook is to be told go together: all, or nothing."""
    await line.pool.execute(
        "INSERT INTO hook_out (id, name, url, events, jobs, categories, enabled, secret)"
        " VALUES (gen_random_uuid(), 'home', 'http://127.0.0.1:9', '{finished}', '{}', '{}', true, '')"
    )
    await line.scheduler()
    await line.worker(*(idle(f"quick{number}", every(100)) for number in range(5)))

    async def told(count: int) -> bool:
        return bool(await line.pool.fetchval("SELECT count(*) >= $1 FROM hook_delivery", count))

    for count in range(20, 160, 20):
        projector = await line.projector()

        async def so_many(count: int = count) -> bool:
            return await told(count)

        await wait_until(so_many, timeout=20, what=f"{count} deliveries")
        await line.stop(projector)
        assert await line.pool.fetchval(_DIFFERING) == 0
    await line.pool.execute("DELETE FROM position")
    before = await line.pool.fetchval("SELECT count(*) FROM hook_delivery")
    await line.projector()
    await line.projected()
    assert await line.pool.fetchval(_DIFFERING) == 0
    assert await line.pool.fetchval("SELECT count(*) FROM hook_delivery") >= before


_DIFFERING = """
    SELECT count(*) FROM (SELECT id FROM run WHERE state = 'finished') AS run
    FULL JOIN (SELECT run AS id FROM hook_delivery) AS told USING (id) WHERE run IS NULL OR told IS NULL
"""
