"""The product beside simulated media servers with people on them: a village that a module's tests live in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.folders import short_folder
from tests.support.gateways import PASSWORD, Person
from tests.support.processes import Process, Processes
from tests.support.waiting import wait_until

STARTED_WITHIN_S = 60
RUN_WITHIN_S = 30
SIZE = ("--plex", "1", "--jellyfin", "1", "--people", "30", "--libraries", "4")
SERVERS = 3  # plex.tv is one of them
APPLYING = ("apply_plex_access", "apply_jellyfin_access")


@dataclass(frozen=True, kw_only=True)
class Village:
    """The address of the page, and the administrator as a client of the API. Access is applied by hand alone."""

    url: str
    admin: Person

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """The JSON of a call that succeeds."""
        status, answer = await self.admin.call(method, path, json=body)
        assert status < 300, answer
        return answer

    async def run(self, job: str) -> dict[str, Any]:
        """Run a job to its end; the run."""
        return await self.ended(str((await self.ask("POST", f"/api/jobs/{job}/run"))["run_id"]))

    async def ended(self, run: str) -> dict[str, Any]:
        """A run, as soon as it has ended."""

        async def looked() -> dict[str, Any]:
            answer: dict[str, Any] = await self.admin.read(f"/api/runs/{run}")
            assert answer["state"] == "finished", answer
            return answer

        return await wait_until(looked, RUN_WITHIN_S, what=f"the end of run {run}")

    async def viewers(self, kind: str) -> list[dict[str, Any]]:
        """People who see something on one server of this kind and nowhere else, and who own and administer nothing."""
        people = (await self.admin.read("/api/people?limit=500"))["people"]
        return [person for person in people if _is_viewer(person, kind)]

    async def server(self, kind: str) -> dict[str, Any]:
        """The server of this kind."""
        servers = (await self.admin.read("/api/servers"))["servers"]
        return next(dict(server) for server in servers if server["kind"] == kind)

    async def libraries(self, kind: str) -> list[dict[str, Any]]:
        """The libraries of the server of this kind."""
        found = await self.admin.read(f"/api/libraries?server={(await self.server(kind))['id']}")
        return list(found["libraries"])

    async def add_plan(self, name: str, kind: str, days: int | None = 30) -> dict[str, Any]:
        """A subscription plan with all libraries of the server of this kind."""
        libraries = [library["id"] for library in await self.libraries(kind)]
        return dict(await self.ask("POST", "/api/plans", name=name, days=days, libraries=libraries))


def _is_viewer(person: dict[str, Any], kind: str) -> bool:
    accounts = person["accounts"]
    untouchable = any(account["role"] in {"owner", "admin"} for account in accounts)
    sees = len(accounts) == 1 and accounts[0]["kind"] == kind and accounts[0]["libraries"] > 0
    return sees and not untouchable and accounts[0]["state"] == "active"


@asynccontextmanager
async def open_village() -> AsyncIterator[Village]:
    """`showrunner up` with one Plex and one Jellyfin server, both added and synced."""
    with short_folder() as folder:
        processes = Processes(folder)
        try:
            simulators = processes.python("-m", "tests.simulators", *SIZE)
            servers = await _introduced(simulators)
            plex_tv = next(server["url"] for server in servers if server["kind"] == "plextv")
            env = {
                "SHOWRUNNER_ADMIN_PASSWORD": PASSWORD,
                "SHOWRUNNER_PORT": "0",
                "SHOWRUNNER_PLEX_TV_URL": plex_tv,
            }
            product = processes.python("-m", "services.cli", "up", "--data", str(folder / "data"), env=env)
            at = await product.line(r"listens on (http://\S+)", timeout=STARTED_WITHIN_S)
            async with Person(at.group(1)) as admin:
                village = Village(url=at.group(1), admin=await admin.log_in())
                await _settle(village, [server for server in servers if server["kind"] != "plextv"])
                yield village
            await product.stop()
        finally:
            processes.end_all()


async def _introduced(simulators: Process) -> list[dict[str, str]]:
    def introductions() -> list[dict[str, str]] | None:
        lines = [line for line in simulators.text.splitlines() if line.startswith('{"kind"')]
        return [json.loads(line) for line in lines] if len(lines) == SERVERS else None

    return await wait_until(introductions, STARTED_WITHIN_S, what="all simulated servers")


async def _settle(village: Village, servers: list[dict[str, str]]) -> None:
    async def known() -> bool:
        answer = await village.admin.read("/api/jobs?advanced=true")
        return {"sync_plex", "sync_jellyfin", *APPLYING} <= {job["name"] for job in answer["jobs"]}

    await wait_until(known, STARTED_WITHIN_S, what="the jobs of sync and access")
    for job in (*APPLYING, "disable_expired_users"):
        await village.ask("POST", f"/api/jobs/{job}/pause")
    for server in servers:
        await village.ask("POST", "/api/servers", **{name: server[name] for name in ("kind", "name", "url", "token")})
    for job in ("sync_plex", "sync_jellyfin"):
        await village.run(job)
