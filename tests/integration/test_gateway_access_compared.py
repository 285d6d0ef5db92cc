"""Intended beside observed access over the API, why it is so, exceptions, and the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts.ids import new_run
from shared.directory.accessbook import AccessBook
from shared.directory.effects import LedgerRow
from shared.directory.ledger import Ledger
from tests.support.gateway_jobs import ended, spec
from tests.support.gateway_people import Neighbours, neighbours
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as made:
        yield made


async def subscribed(town: Neighbours, name: str, *libraries: str, **more: Any) -> dict[str, Any]:
    """The person with a plan of these libraries, and of nothing else."""
    _, plan = await town.admin.post("/api/plans", name=f"Plan of {name}", libraries=libraries)
    person = await town.person(name)
    status, card = await town.admin.put(
        f"/api/people/{person['id']}/subscription", plan_id=plan["id"], keep_present=False, **more
    )
    assert status == 200, card
    return dict(card)


async def listed(town: Neighbours, job: str) -> bool:
    """Whether the gateway knows a job."""
    return any(known["name"] == job for known in (await town.admin.read("/api/jobs"))["jobs"])


async def reasons(town: Neighbours, person: str) -> dict[str, tuple[bool | None, bool, str]]:
    """By library of the person's first account: intended, observed, and why."""
    access = await town.admin.read(f"/api/people/{person}/access")
    return {
        library["title"]: (library["intended"], library["observed"], library["reason"]["code"])
        for library in access["accounts"][0]["libraries"]
    }


async def test_what_is_intended_stands_beside_what_is_observed(town: Neighbours) -> None:
    libraries = await town.libraries(await town.server("Attic", accounts={"Mara": "FS", "Noah": "F"}))
    await town.server("Cellar", "jellyfin", {"Pia": "M"})
    every = await town.admin.read("/api/access")
    assert [(row["person"], row["intended"]) for row in every["rows"]] == [
        ("Mara", None),
        ("Noah", None),
        ("Pia", None),
    ]
    assert (every["accounts"], every["differing"]) == (3, 0)
    await subscribed(town, "Mara", libraries["Films"], libraries["Music"])
    answer = await town.admin.read("/api/access?differences=true")
    (row,) = answer["rows"]
    assert (row["person"], row["server"], row["managed"]) == ("Mara", "Attic", True)
    assert (row["observed"], row["intended"]) == (["Films", "Series"], ["Films", "Music"])
    assert (row["give"], row["take"], row["settled_at"]) == (["Music"], ["Series"], None)
    assert (answer["accounts"], answer["differing"]) == (3, 1)
    first = await town.admin.read("/api/access?limit=2")
    rest = await town.admin.read(f"/api/access?limit=2&after={first['next']}")
    assert [row["person"] for row in rest["rows"]] == ["Pia"] and rest["next"] is None
    cellar = rest["rows"][0]["server_id"]
    assert [row["person"] for row in (await town.admin.read(f"/api/access?server={cellar}"))["rows"]] == ["Pia"]
    assert (await town.admin.get(f"/api/access?server={uuid4()}"))[1]["code"] == "server_unknown"
    assert (await town.admin.get(f"/api/access?after={uuid4()}"))[1]["code"] == "bad_parameter"


async def test_what_a_run_has_done_is_seen_as_soon_as_it_ended(town: Neighbours) -> None:
    await town.server("Attic", accounts={"Mara": "FS"})

    account = UUID((await town.person("Mara"))["accounts"][0]["id"])

    async def observed() -> list[str]:
        return list((await town.admin.read("/api/access"))["rows"][0]["observed"])

    async def take(run: RunContext) -> Result:
        # Somebody looks just before, so that the gateway keeps what it has worked out.
        assert await observed() == ["Films", "Series"]
        await AccessBook(town.pool).note_look(account, frozenset(), all_libraries=False, state="active")
        return succeeded("took everything")

    await town.home.scheduler()
    await town.home.worker(Job(spec("take"), take))
    await wait_until(lambda: listed(town, "take"), what="the job is known")
    _, run = await town.admin.post("/api/jobs/take/run")
    assert (await ended(town.admin, run["run_id"]))["outcome"] == "succeeded"
    assert await observed() == []


async def test_each_library_has_its_reason(town: Neighbours) -> None:
    libraries = await town.libraries(await town.server("Attic", accounts={"Mara": "FS"}))
    mara = await town.person("Mara")
    assert set((await reasons(town, mara["id"])).values()) == {(None, True, "unmanaged"), (None, False, "unmanaged")}
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    await subscribed(town, "Mara", libraries["Films"], expires_on=yesterday)
    assert await reasons(town, mara["id"]) == {
        "Films": (True, True, "plan"),
        "Music": (False, False, "not_in_plan"),
        "Series": (False, True, "not_in_plan"),
    }
    await AccessBook(town.pool).end(UUID(mara["id"]), datetime.fromisoformat(yesterday).date(), approved=False, who="x")
    assert (await reasons(town, mara["id"]))["Films"] == (False, True, "ended")
    access = await town.admin.read(f"/api/people/{mara['id']}/access")
    assert {library["reason"]["on"] for library in access["accounts"][0]["libraries"]} == {yesterday}


async def test_owners_are_left_alone(town: Neighbours) -> None:
    libraries = await town.libraries(await town.server("Attic", accounts={"Mara": "FSM"}, role="owner"))
    mara = await subscribed(town, "Mara", libraries["Films"])
    assert set((await reasons(town, mara["id"])).values()) == {(None, True, "owner")}
    assert (await town.admin.read("/api/access?differences=true"))["rows"] == []


async def test_exceptions_are_made_and_ended(town: Neighbours) -> None:
    libraries = await town.libraries(await town.server("Attic", accounts={"Mara": "F"}))
    mara = await subscribed(town, "Mara", libraries["Films"])
    path = f"/api/people/{mara['id']}/rules/{libraries['Music']}"
    status, access = await town.admin.put(path, effect="always", note="helps out")
    assert status == 200
    (rule,) = access["rules"]
    assert (rule["effect"], rule["origin"], rule["who"], rule["note"]) == ("always", "person", "admin", "helps out")
    (music,) = (library for library in access["accounts"][0]["libraries"] if library["title"] == "Music")
    assert (music["intended"], music["todo"], music["reason"]["rule"]) == (True, "give", rule)
    assert (await town.admin.read("/api/access?differences=true"))["rows"][0]["give"] == ["Music"]
    _, access = await town.admin.put(f"/api/people/{mara['id']}/rules/{libraries['Films']}", effect="deny")
    assert (await reasons(town, mara["id"]))["Films"] == (False, True, "rule_deny")
    status, access = await town.admin.delete(path)
    assert status == 200 and [rule["effect"] for rule in access["rules"]] == ["deny"]
    for library in (uuid4(), "17"):
        status, problem = await town.admin.put(f"/api/people/{mara['id']}/rules/{library}", effect="allow")
        assert (status, problem["code"]) == (404, "library_unknown")
    assert (await town.admin.put(path, effect="maybe"))[1]["code"] == "bad_body"
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert row["action"] == "person.rule" and row["before"]["effect"] == "always" and row["after"]["effect"] is None


async def test_what_keeps_an_account_from_being_as_it_should_is_told(town: Neighbours) -> None:
    server = await town.server("Attic", accounts={"Mara": "F", "Noah": "F", "Otto": "F"})
    run, next_at = new_run(), datetime.now(UTC) + timedelta(minutes=20)
    accounts = {name: UUID((await town.person(name))["accounts"][0]["id"]) for name in ("Mara", "Noah")}
    await AccessBook(town.pool).note_trouble(accounts["Mara"], "the server says no", next_at)
    row = LedgerRow(key="1", run=run, job="apply", number=1, kind="access", server_id=server,
                    account_id=accounts["Noah"], target="Noah on Attic", state="held")  # fmt: skip
    await Ledger(town.pool).write([row])
    rows = {row["person"]: row for row in (await town.admin.read("/api/access?differences=true"))["rows"]}
    assert set(rows) == {"Mara", "Noah"}
    assert (rows["Mara"]["trouble"]["error"], rows["Mara"]["trouble"]["tries"]) == ("the server says no", 1)
    assert rows["Noah"]["held_by"] == str(run)
    access = await town.admin.read(f"/api/people/{rows['Noah']['person_id']}/access")
    assert access["accounts"][0]["held_by"] == str(run)


async def test_the_settings_are_changed_and_it_is_known_by_whom(town: Neighbours) -> None:
    settings = await town.admin.read("/api/settings")
    assert settings["timezone"] == "UTC" and settings["access"]["on_expiry"] == "disable"
    access = settings["access"] | {"on_expiry": "warn_then_disable", "grace_days": 3}
    status, changed = await town.admin.put("/api/settings", access=access)
    assert status == 200 and changed == settings | {"access": access}
    assert await town.admin.read("/api/settings") == changed
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert row["action"] == "settings.access" and row["before"] == settings["access"] and row["after"] == access
    for wrong in ({"most_share": 2}, {"reminder_days": 31}, {"on_expiry": "delete"}, {"most_peopel": 3}):
        assert (await town.admin.put("/api/settings", access=access | wrong))[1]["code"] == "bad_body", wrong
    assert await town.admin.read("/api/settings") == changed
