"""People over the API: found, added, changed, suspended, made one, invited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.gateway_people import Neighbours, neighbours
from tests.support.gateways import Person
from tests.support.servers import BreakableNats


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as made:
        yield made


async def added(admin: Person, name: str, **details: str) -> dict[str, Any]:
    status, card = await admin.post("/api/people", name=name, **details)
    assert status == 201, card
    return dict(card)


async def test_people_are_found_filtered_and_paged(town: Neighbours) -> None:
    attic = await town.server("Attic", accounts={"Mara": "FS", "Noah": "F", "Otto": ""})
    await town.server("Cellar", "jellyfin", {"Pia": "M"})
    await added(town.admin, "Quinn", notes="pays 100% late")

    async def names(query: str) -> list[str]:
        return [card["name"] for card in (await town.admin.read(f"/api/people?{query}"))["people"]]

    assert await names("") == ["Mara", "Noah", "Otto", "Pia", "Quinn"]
    assert await names("text=MARA%40example") == ["Mara"]
    assert await names("text=100%25") == ["Quinn"] and await names("text=%25") == ["Quinn"]
    assert await names(f"server={attic}") == ["Mara", "Noah", "Otto"]
    assert await names("state=suspended") == []
    first = await town.admin.read("/api/people?limit=2")
    assert first["total"] == 5 and [card["name"] for card in first["people"]] == ["Mara", "Noah"]
    assert await names(f"limit=2&after={first['next']}") == ["Otto", "Pia"]
    mara = await town.person("Mara")
    assert not mara["managed"] and mara["state"] == "active" and mara["subscription"] is None
    assert [(account["server"], account["libraries"]) for account in mara["accounts"]] == [("Attic", 2)]


async def test_a_person_is_added_and_changed_and_it_is_known_by_whom(town: Neighbours) -> None:
    card = await added(town.admin, "Mara", email="mara@example.org", language="pt-BR")
    path = f"/api/people/{card['id']}"
    status, changed = await town.admin.put(path, name="Mara B.", notes="moved")
    assert status == 200
    assert (changed["name"], changed["email"], changed["notes"]) == ("Mara B.", "mara@example.org", "moved")
    assert (await town.admin.read(path))["name"] == "Mara B."
    events = (await town.admin.read(f"{path}/events"))["events"]
    assert [(event["kind"], event["who"]) for event in events] == [("edited", "admin"), ("added", "admin")]
    page = await town.admin.read(f"{path}/events?limit=1")
    assert (await town.admin.read(f"{path}/events?limit=1&after={page['next']}"))["events"][0]["kind"] == "added"
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert (row["action"], row["target"]) == ("person.change", card["id"])
    assert (row["before"]["name"], row["after"]["name"]) == ("Mara", "Mara B.")


FAULTY = (
    ({"name": "  "}, "`name` is empty"),
    ({"name": "x" * 201}, "`name` is longer than 200 characters"),
    ({"name": "x", "email": "nowhere"}, "`email` is no e-mail address"),
    ({"name": "x", "email": "a@b\n"}, "`email` is no e-mail address"),
    ({"name": "x", "second_email": "a b@c"}, "`second_email` is no e-mail address"),
    ({"name": "x", "language": "german!"}, "`language` is no language"),
    ({"name": "x", "notes": "a\0b"}, "`notes` has a character in it"),
    ({"name": "x", "age": 7}, "`age`"),
)


async def test_what_is_wrong_with_a_persons_details_is_named(town: Neighbours) -> None:
    for details, complaint in FAULTY:
        status, problem = await town.admin.post("/api/people", **details)
        assert (status, problem["code"]) == (400, "bad_body") and complaint in problem["detail"], details
        assert (await town.admin.read("/api/people"))["total"] == 0


async def test_a_suspension_keeps_what_a_person_had(town: Neighbours) -> None:
    await town.server("Attic", accounts={"Mara": "FS"})
    mara = await town.person("Mara")
    operator = await town.with_role("operator")
    status, card = await operator.post(f"/api/people/{mara['id']}/suspend", reason="away")
    assert (status, card["state"], card["suspended_why"], card["managed"]) == (200, "suspended", "away", True)
    access = await town.admin.read(f"/api/people/{mara['id']}/access")
    assert {rule["origin"] for rule in access["rules"]} == {"found"} and len(access["rules"]) == 2
    assert {library["reason"]["code"] for library in access["accounts"][0]["libraries"]} == {"suspended"}
    _, card = await operator.post(f"/api/people/{mara['id']}/unsuspend")
    assert (card["state"], card["suspended_why"]) == ("active", "")
    trail = (await town.admin.read("/api/audit"))["audit"]
    assert [(row["who"], row["action"], row["before"]["state"], row["after"]["state"]) for row in trail[:2]] == [
        ("operator", "person.unsuspend", "suspended", "active"),
        ("operator", "person.suspend", "active", "suspended"),
    ]


async def test_two_people_are_made_one(town: Neighbours) -> None:
    await town.server("Attic", accounts={"Mara": "FS"})
    await town.server("Cellar", "jellyfin", {"Marabel": "M"})
    mara, other = await town.person("mara@"), await town.person("Marabel")
    status, card = await town.admin.post(f"/api/people/{mara['id']}/merge", other=other["id"])
    assert status == 200 and [account["server"] for account in card["accounts"]] == ["Attic", "Cellar"]
    assert (await town.admin.get(f"/api/people/{other['id']}"))[1]["code"] == "person_unknown"
    status, problem = await town.admin.post(f"/api/people/{mara['id']}/merge", other=mara["id"])
    assert (status, problem["code"]) == (409, "people_clash")


async def test_an_account_turns_out_to_be_somebody_elses(town: Neighbours) -> None:
    await town.server("Attic", accounts={"Mara": "FS"})
    mara = await town.person("Mara")
    noah = await added(town.admin, "Noah")
    path = f"/api/accounts/{mara['accounts'][0]['id']}"
    status, card = await town.admin.put(path, person_id=noah["id"])
    assert status == 200 and (card["name"], len(card["accounts"])) == ("Noah", 1)
    assert (await town.admin.read(f"/api/people/{mara['id']}"))["accounts"] == []
    assert (await town.admin.put(path, person_id=str(uuid4())))[1]["code"] == "person_unknown"
    assert (await town.admin.put("/api/accounts/17", person_id=noah["id"]))[1]["code"] == "account_unknown"


async def test_a_person_is_invited_and_not_after_all(town: Neighbours) -> None:
    attic, cellar = await town.server("Attic"), await town.server("Cellar", "jellyfin")
    quinn = await added(town.admin, "Quinn")
    path = f"/api/people/{quinn['id']}"
    status, problem = await town.admin.post(f"{path}/invite", server_id=str(attic))
    assert (status, problem["code"]) == (409, "not_invitable") and "no e-mail address" in problem["detail"]
    await town.admin.put(path, email="quinn@example.org")
    assert (await town.admin.post(f"{path}/invite", server_id=str(cellar)))[1]["code"] == "not_invitable"
    assert (await town.admin.post(f"{path}/invite", server_id=str(uuid4())))[1]["code"] == "server_unknown"
    status, card = await town.admin.post(f"{path}/invite", server_id=str(attic))
    assert (status, card["state"], card["accounts"][0]["state"]) == (200, "invited", "wanted")
    status, card = await town.admin.post(f"{path}/uninvite", server_id=str(attic))
    assert (status, card["state"], card["accounts"]) == (200, "active", [])
    assert (await town.admin.post(f"{path}/uninvite", server_id=str(attic)))[1]["code"] == "not_invitable"


CALLS: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("GET", "", None), ("PUT", "", {}), ("GET", "/events", None), ("GET", "/access", None),
    ("POST", "/suspend", {}), ("POST", "/unsuspend", {}), ("POST", "/merge", {"other": str(uuid4())}),
    ("POST", "/invite", {"server_id": str(uuid4())}), ("POST", "/uninvite", {"server_id": str(uuid4())}),
    ("PUT", f"/rules/{uuid4()}", {"effect": "allow"}), ("DELETE", f"/rules/{uuid4()}", None),
    ("PUT", "/subscription", {}), ("DELETE", "/subscription", None), ("POST", "/renew", {}),
)  # fmt: skip


async def test_a_person_who_is_not_there_is_unknown_to_every_call(town: Neighbours) -> None:
    for person in (str(uuid4()), "17"):
        for method, path, body in CALLS:
            status, problem = await town.admin.call(method, f"/api/people/{person}{path}", json=body)
            assert (status, problem["code"]) == (404, "person_unknown"), (method, path)


async def test_viewers_read_operators_look_after_people_and_administrators_decide(town: Neighbours) -> None:
    viewer, operator = await town.with_role("viewer"), await town.with_role("operator")
    for call in CALLS:
        method, path, body = call
        status, _ = await viewer.call(method, f"/api/people/{uuid4()}{path}", json=body)
        assert status == (404 if method == "GET" else 403), call
    may = [path for method, path, _ in CALLS if method == "POST" and path != "/merge"]
    for call in CALLS:
        method, path, body = call
        status, _ = await operator.call(method, f"/api/people/{uuid4()}{path}", json=body)
        assert status == (404 if method == "GET" or path in may else 403), call
    for method, path in (("POST", "/api/people"), ("POST", "/api/people/import"), ("PUT", f"/api/accounts/{uuid4()}"),
                         ("POST", "/api/plans"), ("PUT", f"/api/plans/{uuid4()}"), ("DELETE", f"/api/plans/{uuid4()}"),
                         ("PUT", "/api/settings"), ("POST", f"/api/runs/{uuid4()}/approve"),
                         ("POST", f"/api/runs/{uuid4()}/undo")):  # fmt: skip
        assert (await operator.call(method, path, json={}))[0] == 403, path
    assert (await operator.post("/api/people/gift", people=[str(uuid4())], days=1))[0] == 200
    assert (await viewer.post("/api/people/gift", people=[str(uuid4())], days=1))[0] == 403
