"""Looks at every server: available or not, real name, identifier, version, latency."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.contracts.reports import Change, Level
from shared.directory.directory import Directory
from shared.directory.errors import DirectoryError, NoSuchServer
from shared.directory.records import Server, Sighting
from shared.outside.errors import OutsideError
from shared.runtime.clock import utc_now
from shared.runtime.secrets import VaultError

from ..clients.clients import Clients
from ..door import JobFailed, Result, RunContext, skipped, succeeded
from . import findings

Finding = tuple[Server, Sighting]
AT_ONCE = 8  # servers looked at at the same time


class CheckServers:
    """The handler. That a server is down is what it finds out, not a failure of its own."""

    def __init__(self, directory: Directory, clients: Clients) -> None:
        self._directory = directory
        self._clients = clients

    async def __call__(self, run: RunContext) -> Result:
        """Look at all, then write what was found. JobFailed: something could not be written."""
        servers = [server for server in await self._directory.servers() if server.enabled]
        if not servers:
            return skipped("no server is set up")
        found = await self._look_at_all(run, servers)
        changes = _changes(found)
        if changes:
            run.plan(list(changes.values()))
        if not run.dry_run:
            await self._write(run, found, changes)
        return succeeded(findings.summary(found))

    async def _look_at_all(self, run: RunContext, servers: Sequence[Server]) -> list[Finding]:
        room = asyncio.Semaphore(AT_ONCE)
        seen = 0

        async def one(server: Server) -> Finding:
            nonlocal seen
            async with room:
                sighting = await self._look(server)
            seen += 1
            run.progress(seen / len(servers), f"{server.name} is {sighting.state}")
            level: Level = "info" if sighting.state == "up" else "warning"
            run.log(f"{server.name} is {sighting.state}" + (f": {sighting.error}" if sighting.error else ""), level)
            return server, sighting

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(server)) for server in servers]
        return [task.result() for task in tasks]

    async def _look(self, server: Server) -> Sighting:
        try:
            token = await self._directory.token(server.id)
            return findings.well(await self._clients.check(server, token))
        except (OutsideError, VaultError, DirectoryError) as error:
            return findings.unwell(error)

    async def _write(self, run: RunContext, found: Sequence[Finding], changes: Mapping[UUID, Change]) -> None:
        failures = []
        for server, sighting in found:
            failure = await self._note(server, sighting)
            if failure:
                failures.append(failure)
                run.log(failure, "error")
            if server.id in changes:
                run.applied(changes[server.id].number, "failed" if failure else "done", failure)
        if failures:
            raise JobFailed("not_noted", "; ".join(failures), retry=False)

    async def _note(self, server: Server, sighting: Sighting) -> str:
        try:
            await self._directory.note_sighting(server.id, sighting, utc_now())
        except NoSuchServer:
            return ""  # removed while we looked
        except DirectoryError as error:
            return f"{server.name}: {error}"
        return ""


def _changes(found: Sequence[Finding]) -> dict[UUID, Change]:
    changes: dict[UUID, Change] = {}
    for server, sighting in found:
        change = findings.change(len(changes) + 1, server, sighting)
        if change is not None:
            changes[server.id] = change
    return changes
