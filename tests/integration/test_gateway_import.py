"""People as a table over the API: given out, looked at, and taken in as a whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway_people import Neighbours, neighbours
from tests.support.servers import BreakableNats


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as made:
        yield made


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


async def exported(town: Neighbours) -> str:
    async with town.admin.http.get("/api/people/export") as response:
        assert response.status == 200 and response.content_type == "text/csv"
        assert "people.csv" in response.headers["Content-Disposition"]
        return await response.text()


async def report(town: Neighbours, text: str) -> Any:
    status, answer = await town.admin.post("/api/people/import", csv=text)
    assert status == 200, answer
    return answer


async def applied(town: Neighbours, text: str) -> Any:
    digest = (await report(town, text))["digest"]
    status, answer = await town.admin.post("/api/people/import", csv=text, apply=True, digest=digest)
    assert status == 200 and answer["applied"], answer
    return answer


def counts(answer: Any) -> tuple[int, int, int, int]:
    return answer["added"], answer["changed"], answer["unchanged"], answer["errors"]


async def test_what_is_given_out_is_taken_in_unchanged(town: Neighbours) -> None:
    await town.server("Attic", accounts={"Mara": "FS", "Noah": "F"})
    _, plan = await town.admin.post("/api/plans", name="Family, large", days=30)
    mara = await town.person("Mara")
    await town.admin.put(f"/api/people/{mara['id']}", notes='=cmd|"/c calc"!A1\nand "more", said she')
    await town.admin.put(f"/api/people/{mara['id']}/subscription", plan_id=plan["id"])
    await town.admin.post("/api/people", name="Quinn")
    text = await exported(town)
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert [row["name"] for row in rows] == ["Mara", "Noah", "Quinn"]
    assert rows[0]["notes"].startswith("'=cmd") and rows[0]["expires_on"] == in_days(30)
    answer = await report(town, text)
    assert counts(answer) == (0, 0, 3, 0) and not answer["applied"]
    assert counts(await applied(town, text)) == (0, 0, 3, 0)
    assert await exported(town) == text


async def test_a_report_comes_first_and_changes_nothing(town: Neighbours) -> None:
    await town.server("Attic", accounts={"Mara": "FS"})
    await town.admin.post("/api/plans", name="Family", days=30)
    before = await exported(town)
    text = f"name,email,plan,expires_on\nMara,mara@example.org,Family,{in_days(9)}\nQuinn,q@example.org,Family,\n"
    answer = await report(town, text)
    assert counts(answer) == (1, 1, 0, 0)
    assert [(line["number"], line["outcome"], line["name"]) for line in answer["lines"]] == [
        (2, "changed", "Mara"),
        (3, "added", "Quinn"),
    ]
    assert answer["lines"][0]["changes"] == [
        {"field": "plan", "before": "", "after": "Family"},
        {"field": "expires_on", "before": "", "after": in_days(9)},
        {"field": "lifetime", "before": "", "after": "no"},
    ]
    assert {"field": "expires_on", "before": "", "after": in_days(30)} in answer["lines"][1]["changes"]
    assert await exported(town) == before
    assert counts(await applied(town, text)) == (1, 1, 0, 0)
    mara, quinn = await town.person("Mara"), await town.person("Quinn")
    assert (mara["subscription"]["expires_on"], mara["managed"]) == (in_days(9), True)
    assert (quinn["email"], quinn["subscription"]["plan"]) == ("q@example.org", "Family")
    assert counts(await report(town, text)) == (0, 0, 2, 0)
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert (row["action"], row["after"]["added"], row["after"]["changed"]) == ("people.import", 1, 1)
    events = (await town.admin.read(f"/api/people/{quinn['id']}/events"))["events"]
    assert {"added", "subscribed"} <= {event["kind"] for event in events}


async def test_only_what_the_report_said_is_applied(town: Neighbours) -> None:
    text = "name,notes\nMara,new here\n"
    digest = (await report(town, text))["digest"]
    await town.admin.post("/api/people", name="Mara")
    status, problem = await town.admin.post("/api/people/import", csv=text, apply=True, digest=digest)
    assert (status, problem["code"]) == (409, "import_changed")
    assert (await town.person("Mara"))["notes"] == ""
    assert (await town.admin.post("/api/people/import", csv=text, apply=True))[1]["code"] == "import_changed"


async def test_one_bad_line_keeps_all_out(town: Neighbours) -> None:
    text = "name,email,plan\nMara,mara@example.org,\nNoah,nowhere,\nOtto,,Gold\n"
    answer = await report(town, text)
    assert counts(answer) == (1, 0, 0, 2)
    assert [line["reason"] for line in answer["lines"]] == [
        "",
        "`email` is no e-mail address: write one, such as mara@example.org",
        "there is no plan named 'Gold'",
    ]
    status, problem = await town.admin.post("/api/people/import", csv=text, apply=True, digest=answer["digest"])
    assert (status, problem["code"]) == (422, "import_faulty")
    assert (await town.admin.read("/api/people"))["total"] == 0


async def test_what_is_no_table_is_told(town: Neighbours) -> None:
    for text in ("", "colour\nred\n", "name,name\na,b\n", "email\na@b\n", "name,email\nMara\n", 'name\n"Mara\n'):
        status, problem = await town.admin.post("/api/people/import", csv=text)
        assert (status, problem["code"]) == (422, "bad_table"), text
    status, problem = await town.admin.post("/api/people/import", csv="name\n" + "x" * 1_100_000)
    assert (status, problem["code"]) == (413, "body_too_large")
