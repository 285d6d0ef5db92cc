"""One synchronization: every server of a kind is observed wholly, then written; one that fails stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from shared.directory.comparison import Difference
from shared.directory.directory import Directory
from shared.directory.errors import DirectoryError, Doubtful
from shared.directory.observation import Observation
from shared.directory.records import PRODUCTS, MediaKind, Server
from shared.outside.errors import OutsideError
from shared.runtime.secrets import VaultError

from ..clients.clients import Clients
from ..clients.steps import Step
from ..door import JobFailed, Result, RunContext, skipped, succeeded
from . import wording
from .progress import Progress
from .wording import Story

EXPECTED = (OutsideError, DirectoryError, VaultError)
AT_ONCE = 4  # servers observed at the same time

BELIEVE_EMPTY = "believe_empty"
"""The parameter by which a person says that what looks like an outage is real."""


class Seen(Struct, frozen=True, kw_only=True):
    """A server that was observed, and what differed."""

    server: Server
    observation: Observation
    differences: tuple[Difference, ...]


class Failed(Struct, frozen=True, kw_only=True):
    """A server that could not be observed or written, and why."""

    server: Server
    why: str
    transient: bool


class Sync:
    """The handler of the jobs that synchronize servers of one kind."""

    def __init__(self, directory: Directory, clients: Clients, kind: MediaKind) -> None:
        self._directory = directory
        self._clients = clients
        self._kind = kind

    async def __call__(self, run: RunContext) -> Result:
        """Observe, plan, and, unless it is a dry run, write. JobFailed: some server could not be."""
        servers = [server for server in await self._directory.servers(self._kind) if server.enabled]
        product = PRODUCTS[self._kind]
        if not servers:
            return skipped(f"no {product} server is set up")
        resting = [_rest(server) for server in servers if server.state == "down"]
        for line in resting:
            run.log(f"Skipped: {line}", "warning")
        awake = [server for server in servers if server.state != "down"]
        if not awake:
            return skipped(f"every {product} server is down: {'; '.join(resting)}")
        results = await self._observe_all(run, awake)
        seen = [result for result in results if isinstance(result, Seen)]
        self._plan(run, seen)
        if not run.dry_run:
            unseen = [result for result in results if isinstance(result, Failed)]
            results = [*unseen, *await self._write_all(run, seen)]
        return _concluded(results, resting)

    async def _observe_all(self, run: RunContext, servers: Sequence[Server]) -> list[Seen | Failed]:
        progress, room = Progress(run, len(servers)), asyncio.Semaphore(AT_ONCE)

        async def one(index: int, server: Server) -> Seen | Failed:
            async with room:
                result = await self._observe(run, server, progress.of(index, server.name))
            progress.of(index, server.name)(1.0, "observed")
            return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(index, server)) for index, server in enumerate(servers)]
        return [task.result() for task in tasks]

    async def _observe(self, run: RunContext, server: Server, step: Step) -> Seen | Failed:
        try:
            token = await self._directory.token(server.id)
            known = await self._directory.known(server.id)
            observation = await self._clients.observe(server, token, known, step)
            differences = await self._directory.compare(server.id, observation, believe_empty=_believes(run))
        except EXPECTED as error:
            return _failed(run, server, error)
        run.log(
            f"{server.name}: {wording.counted(len(observation.libraries), 'library', 'libraries')}, "
            f"{wording.counted(len(observation.accounts), 'account', 'accounts')}, "
            f"{wording.counted(len(differences), 'difference', 'differences')}"
        )
        return Seen(server=server, observation=observation, differences=differences)

    def _plan(self, run: RunContext, seen: Sequence[Seen]) -> None:
        found = [(result.server, difference) for result in seen for difference in result.differences]
        if found:
            run.plan(wording.changes(found))
        if len(found) > wording.MOST_CHANGES:
            run.log(f"The plan shows the first {wording.MOST_CHANGES} of {len(found)} changes", "warning")

    async def _write_all(self, run: RunContext, seen: Sequence[Seen]) -> list[Seen | Failed]:
        results: list[Seen | Failed] = []
        first = 1
        for result in seen:
            written = await self._write(run, result)
            state: Literal["done", "failed"] = "done" if isinstance(written, Seen) else "failed"
            for number in range(first, min(first + len(result.differences), wording.MOST_CHANGES + 1)):
                run.applied(number, state)
            first += len(result.differences)
            results.append(written)
        return results

    async def _write(self, run: RunContext, seen: Seen) -> Seen | Failed:
        try:
            await self._directory.observe(seen.server.id, seen.observation, believe_empty=_believes(run))
        except DirectoryError as error:
            return _failed(run, seen.server, error)
        return seen


def _concluded(results: Sequence[Seen | Failed], resting: Sequence[str]) -> Result:
    seen = [result for result in results if isinstance(result, Seen)]
    failures = [result for result in results if isinstance(result, Failed)]
    story = Story(
        differences=[difference for result in seen for difference in result.differences],
        done=len(seen),
        resting=resting,
        failures=[failure.why for failure in failures],
    )
    if failures:
        retry = any(failure.transient for failure in failures)
        raise JobFailed("sync_incomplete", wording.summary(story), retry=retry)
    return succeeded(wording.summary(story))


def _failed(run: RunContext, server: Server, error: OutsideError | DirectoryError | VaultError) -> Failed:
    # A message that does not name the server is about plex.tv, or about what we keep.
    why = str(error) if server.name in str(error) else f"{server.name}: {error}"
    run.log(f"{why}. Nothing of it was changed.", "error")
    # A server that has just started may list nothing for a while.
    transient = error.transient if isinstance(error, OutsideError) else isinstance(error, Doubtful)
    return Failed(server=server, why=why, transient=transient)


def _rest(server: Server) -> str:
    return f"{server.name} has been down since {server.state_since:%Y-%m-%d %H:%M} UTC"


def _believes(run: RunContext) -> bool:
    return run.params.get(BELIEVE_EMPTY) is True
