"""Plans name libraries, and only a sync sees those of a new server: it is run, if need be, before plans are written."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from services.cli.remote.answers import Job, Started
from services.cli.remote.api import Api, part
from services.cli.remote.errors import Refused
from services.cli.remote.following import appeared, until_finished
from services.cli.terminal.screen import Screen

from .checks import unseen
from .document import Document
from .present import Present

TRIES = 3  # a sync that was under way may have begun before the server was added


def syncs_needed(document: Document, present: Present, plans: Collection[str]) -> set[str]:
    """The syncs that would look for libraries of these plans: of the kinds of the servers that were not looked at."""
    servers = {server for plan in plans for server in unseen(document, present, plan) if not present.titles(server)}
    kinds = {present.servers[server].kind for server in servers if server in present.servers}
    return {name for kind in kinds if (control := present.controls.get(name := f"sync_{kind}")) and control.enabled}


async def run_sync(api: Api, screen: Screen, job: str) -> None:
    """Run a sync, or wait for the one that is under way and run it then."""
    screen.say(f"{job} looks for the libraries of new servers.", "faint")
    for _ in range(TRIES):
        run = await _started(api, job)
        if run is not None:
            await appeared(api, run)
            await until_finished(api, screen, run, log=False)
            return
        under_way = (await api.read(Job, f"/api/jobs/{part(job)}")).running
        if under_way is not None:
            await until_finished(api, screen, under_way.run_id, log=False)


async def _started(api: Api, job: str) -> str | None:
    try:
        return msgspec.json.decode(await api.post(f"/api/jobs/{part(job)}/run"), type=Started).run_id
    except Refused as error:
        if error.code != "job_running":
            raise
        return None
