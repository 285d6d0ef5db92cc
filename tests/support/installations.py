"""The whole product as one program, whose outputs are for machines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from prometheus_client.parser import text_string_to_metric_families

from tests.support.gateways import PASSWORD, Person
from tests.support.processes import Process, Processes
from tests.support.waiting import wait_until

STARTED_WITHIN_S, RUN_WITHIN_S = 60, 30

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True, kw_only=True)
class Installation:
    """`showrunner up`, and its administrator."""

    process: Process
    admin: Person

    async def knows(self, *jobs: str) -> None:
        """Wait until its catalogue has these jobs."""

        async def known() -> bool:
            answer = await self.admin.read("/api/jobs?advanced=true")
            return set(jobs) <= {job["name"] for job in answer["jobs"]}

        await wait_until(known, STARTED_WITHIN_S, what=f"the jobs {jobs}")

    async def run(self, job: str, headers: dict[str, str] | None = None) -> UUID:
        """Run a job to its end; the run's id."""
        status, answer = await self.admin.call("POST", f"/api/jobs/{job}/run", json={}, headers=headers or {})
        assert status == 202, answer

        async def ended() -> dict[str, Any]:
            found: dict[str, Any] = await self.admin.read(f"/api/runs/{answer['run_id']}")
            assert found["state"] == "finished", found
            return found

        await wait_until(ended, RUN_WITHIN_S, what=f"the end of a run of {job}")
        return UUID(answer["run_id"])

    async def metrics(self) -> str:
        """What `/metrics` says."""
        async with self.admin.http.get("/metrics") as response:
            assert response.status == 200
            return await response.text()

    async def figures(self) -> Figures:
        """All figures, by name and labels."""
        return figures_in(await self.metrics())

    def lines(self) -> list[dict[str, Any]]:
        """All that it wrote to both its outputs; ValueError: a line that is no JSON."""
        return [json.loads(line) for line in self.process.text.splitlines()]


def figures_in(text: str) -> Figures:
    """What stands in Prometheus' text format."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def names_in(text: str) -> set[str]:
    """The names that can be asked for, those without a value at the moment too."""
    names: set[str] = set()
    for family in text_string_to_metric_families(text):
        match family.type:
            case "histogram":
                names |= {f"{family.name}_{part}" for part in ("bucket", "count", "sum")}
            case "counter":
                names.add(f"{family.name}_total")
            case _:
                names.add(family.name)
    return names


@asynccontextmanager
async def installation(processes: Processes, folder: Path, **env: str) -> AsyncIterator[Installation]:
    """One with this environment beside what every test needs."""
    given = {"SHOWRUNNER_ADMIN_PASSWORD": PASSWORD, "SHOWRUNNER_PORT": "0", "SHOWRUNNER_LOG": "json"} | env
    process = processes.python("-m", "services.cli", "up", "--data", str(folder / "data"), env=given)
    address = await process.line(r'"event":"listening","address":"(http://[^"]+)"', timeout=STARTED_WITHIN_S)
    async with Person(address.group(1)) as admin:
        yield Installation(process=process, admin=await admin.log_in())
