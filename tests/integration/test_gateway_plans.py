"""Plans and subscriptions over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.gateway_people import Neighbours, neighbours
from tests.support.servers import BreakableNats


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as made:
        yield made


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


async def plan(town: Neighbours, name: str, **more: Any) -> dict[str, Any]:
    status, made = await town.admin.post("/api/plans", name=name, **more)
    assert status == 201, made
    return dict(made)


async def person(town: Neighbours, name: str) -> str:
    return str((await town.admin.post("/api/people", name=name))[1]["id"])


async def test_plans_are_added_changed_and_removed(town: Neighbours) -> None:
    libraries = await town.libraries(await town.server("Attic"))
    family = await plan(town, "Family", days=30, stream_limit=3, libraries=[libraries["Films"]])
    assert (family["days"], family["libraries"], family["people"]) == (30, [libraries["Films"]], 0)
    path = f"/api/plans/{family['id']}"
    status, changed = await town.admin.put(path, name="Families", libraries=list(libraries.values()))
    assert (status, changed["name"], changed["days"], len(changed["libraries"])) == (200, "Families", None, 3)
    assert await town.admin.read(path) == changed
    assert (await town.admin.read("/api/plans"))["plans"] == [changed]
    assert (await town.admin.delete(path))[0] == 204
    assert (await town.admin.get(path))[1]["code"] == "plan_unknown"
    trail = (await town.admin.read("/api/audit"))["audit"]
    assert [row["action"] for row in trail[:3]] == ["plan.remove", "plan.change", "plan.add"]
    assert (trail[1]["before"]["name"], trail[1]["after"]["name"]) == ("Family", "Families")


async def test_what_is_wrong_with_a_plan_is_named(town: Neighbours) -> None:
    await plan(town, "Family")
    other = await plan(town, "Other")
    assert (await town.admin.post("/api/plans", name="Family"))[1]["code"] == "name_taken"
    assert (await town.admin.put(f"/api/plans/{other['id']}", name="Family"))[1]["code"] == "name_taken"
    status, problem = await town.admin.post("/api/plans", name="New", libraries=[str(uuid4())])
    assert (status, problem["code"]) == (404, "library_unknown")
    for wrong in ({"name": ""}, {"name": "x", "days": 0}, {"name": "x", "stream_limit": 0}, {"name": "x", "day": 1}):
        assert (await town.admin.post("/api/plans", **wrong))[1]["code"] == "bad_body", wrong
    assert (await town.admin.delete(f"/api/plans/{uuid4()}"))[1]["code"] == "plan_unknown"


async def test_a_subscription_is_given_renewed_and_taken_away(town: Neighbours) -> None:
    family, mara = await plan(town, "Family", days=30), await person(town, "Mara")
    path = f"/api/people/{mara}"
    status, card = await town.admin.put(f"{path}/subscription", plan_id=family["id"])
    assert (status, card["managed"], card["state"]) == (200, True, "pre_expired")
    assert (card["subscription"]["plan"], card["subscription"]["expires_on"]) == ("Family", in_days(30))
    _, card = await town.admin.post(f"{path}/renew")
    assert (card["subscription"]["expires_on"], card["state"]) == (in_days(60), "active")
    _, card = await town.admin.post(f"{path}/renew", days=5)
    assert card["subscription"]["expires_on"] == in_days(65)
    assert (await town.admin.delete(f"/api/plans/{family['id']}"))[1]["code"] == "plan_in_use"
    _, card = await town.admin.put(f"{path}/subscription", plan_id=family["id"], expires_on=in_days(-1))
    assert (card["state"], card["subscription"]["ended"]) == ("expired", False)
    _, card = await town.admin.post(f"{path}/renew")
    assert card["subscription"]["expires_on"] == in_days(30)
    _, card = await town.admin.put(f"{path}/subscription", plan_id=family["id"], for_life=True)
    assert card["subscription"]["expires_on"] is None
    assert (await town.admin.post(f"{path}/renew"))[1]["code"] == "for_life"
    _, card = await town.admin.delete(f"{path}/subscription")
    assert card["subscription"] is None and card["managed"]
    for method, call in (("DELETE", "subscription"), ("POST", "renew")):
        status, problem = await town.admin.call(method, f"{path}/{call}", json={} if method == "POST" else None)
        assert (status, problem["code"]) == (409, "not_subscribed")
    trail = [row for row in (await town.admin.read("/api/audit"))["audit"] if row["target"] == mara]
    assert trail[-2]["action"] == "person.subscribe" and trail[-2]["before"]["subscription"] is None
    assert trail[-3]["action"] == "person.renew" and trail[-3]["after"]["subscription"]["expires_on"] == in_days(60)


async def test_a_subscription_without_a_length_is_told_apart(town: Neighbours) -> None:
    mara = await person(town, "Mara")
    path = f"/api/people/{mara}"
    await town.admin.put(f"{path}/subscription", expires_on=in_days(3))
    status, problem = await town.admin.post(f"{path}/renew")
    assert (status, problem["code"]) == (422, "days_missing")
    assert (await town.admin.put(f"{path}/subscription", plan_id=str(uuid4())))[1]["code"] == "plan_unknown"
    for wrong in (
        {"for_life": True, "expires_on": in_days(1)},
        {"expires_on": "3000-01-01"},
        {"expires_on": "soon"},
        {"until": in_days(1)},
    ):
        assert (await town.admin.put(f"{path}/subscription", **wrong))[1]["code"] == "bad_body", wrong
    for wrong_days in (0, -3, 99_999):
        assert (await town.admin.post(f"{path}/renew", days=wrong_days))[1]["code"] == "bad_body"


async def test_days_are_given_to_many_and_told_one_by_one(town: Neighbours) -> None:
    mara, noah, nobody = await person(town, "Mara"), await person(town, "Noah"), str(uuid4())
    await town.admin.put(f"/api/people/{mara}/subscription", expires_on=in_days(10))
    status, answer = await town.admin.post("/api/people/gift", people=[mara, noah, nobody], days=7, note="outage")
    assert status == 200
    by_id = {result["person_id"]: result for result in answer["results"]}
    assert (by_id[mara]["expires_on"], by_id[mara]["error"]) == (in_days(17), "")
    assert "no subscription" in by_id[noah]["error"] and by_id[noah]["expires_on"] is None
    assert by_id[nobody]["error"]
    event = (await town.admin.read(f"/api/people/{mara}/events"))["events"][0]
    assert (event["kind"], event["note"], event["after"]) == ("gifted", "outage", in_days(17))
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert row["action"] == "people.gift" and row["after"]["note"] == "outage" and len(row["after"]["results"]) == 3
    assert (await town.admin.post("/api/people/gift", people=[], days=7))[1]["code"] == "bad_body"


async def test_subscriptions_are_listed_by_their_last_day(town: Neighbours) -> None:
    family = await plan(town, "Family", days=30)
    for name, given in (
        ("Mara", {"expires_on": in_days(20)}),
        ("Noah", {"for_life": True}),
        ("Otto", {"expires_on": in_days(2), "plan_id": family["id"]}),
    ):
        await town.admin.put(f"/api/people/{await person(town, name)}/subscription", **given)
    await person(town, "Pia")

    async def names(query: str) -> list[str]:
        rows = (await town.admin.read(f"/api/subscriptions?{query}"))["subscriptions"]
        return [row["person"] for row in rows]

    assert await names("") == ["Otto", "Mara", "Noah"]
    assert await names(f"expiring_before={in_days(20)}") == ["Otto"]
    assert await names(f"plan={family['id']}") == ["Otto"]
    first = await town.admin.read("/api/subscriptions?limit=2")
    assert await names(f"limit=2&after={first['next']}") == ["Noah"]
    assert (await town.admin.get("/api/subscriptions?expiring_before=soon"))[1]["code"] == "bad_parameter"
