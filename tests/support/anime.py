"""An anime library: a Jellyfin server with Shokofin, the Shoko Server behind it, and the directory that knows both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import asyncpg

from services.workers.clients.clients import open_clients
from services.workers.door import Handler, Job, JobFailed, Result
from services.workers.shokofin.jobs import jobs
from services.workers.tools import Tools, tools_over
from shared.directory.directory import SCHEMA
from shared.directory.records import NewServer, Server, Sighting
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault
from tests.simulators.household import Library, make_household
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_item import MediaItem
from tests.simulators.jellyfin_media import Media
from tests.simulators.jellyfin_shoko import shoko_library
from tests.simulators.jellyfin_state import JellyfinState, jellyfin_state
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_collection import follow, stock
from tests.simulators.shoko_state import shoko_state
from tests.support.recorded import RecordedRun
from tests.support.shoko import AT, HASTE, IN_HASTE

T = TypeVar("T")

ATTIC, SHOKO = "Attic", "Shoko"


@dataclass(frozen=True, kw_only=True)
class Anime:
    """The servers outside, the directory inside, and the jobs between them. `server`: Jellyfin's, as we know it."""

    jellyfin: JellyfinServer
    shoko: ShokoServer
    tools: Tools
    pool: asyncpg.Pool
    server: Server

    @property
    def state(self) -> JellyfinState:
        """The truth of the Jellyfin server."""
        return self.jellyfin.state

    @property
    def media(self) -> Media:
        """Its items."""
        return self.state.media

    @property
    def jobs(self) -> Sequence[Job]:
        """All that are about Shokofin."""
        return jobs(self.tools)

    @property
    def merged(self) -> set[frozenset[str]]:
        """The videos that are one entry, as sets of more than one."""
        found: dict[str, set[str]] = {}
        for item in self.media:
            found.setdefault(item.primary_version_id or item.id, set()).add(item.id)
        return {frozenset(each) for each in found.values() if len(each) > 1}

    def library(self, kind: str) -> Library:
        """The library of shows ("show") or of films ("movie")."""
        return next(library for library in self.state.libraries.values() if library.kind == kind)

    def fill(self, kind: str, *, series: int, episodes: int, doubles: int = 0, nested: bool = False) -> list[MediaItem]:
        """Fill one library, and Shoko's collection with the same: the items, second files of `doubles` last."""
        items = shoko_library(self.state, self.library(kind).item_id, series=series, episodes=episodes, doubles=doubles)
        stock(self.shoko.state.collection, series=series, files=episodes, nested=nested)
        follow(self.shoko.state.collection, [item.provider_ids for item in items])
        return items

    def plugin(self, **configuration: Any) -> None:
        """Set the plugin up, by the names in its configuration."""
        for plugin in self.state.plugins.values():
            plugin.configuration.update(configuration)

    def handler(self, name: str) -> Handler:
        """What does a job's work."""
        return next(job.handler for job in self.jobs if job.spec.name == name)

    async def run(self, name: str, *, dry_run: bool = False, **params: Any) -> tuple[Result, RecordedRun]:
        """Run a job to its end. `params` may say as well what `RecordedRun` takes: `again`, `undoes`."""
        run = RecordedRun(name, dry_run=dry_run, **params)
        return await self.handler(name)(run), run

    async def fail(self, name: str, **params: Any) -> tuple[JobFailed, RecordedRun]:
        """Run a job that is expected to fail."""
        run = RecordedRun(name, **params)
        try:
            result = await self.handler(name)(run)
        except JobFailed as failure:
            return failure, run
        raise AssertionError(f"{name} was expected to fail, and gave {result}")

    async def killed(self, name: str, at: str, *, method: str = "POST", after: int, **params: Any) -> RecordedRun:
        """Run a job, and cut it off while the request to `at` that comes after so many others is unanswered."""
        run = RecordedRun(name, **params)
        answer = self.jellyfin.faults.hold(at, method=method, after=after, times=1)
        task = asyncio.ensure_future(self.handler(name)(run))
        await self.jellyfin.requests.reach(after + 1, method, at)
        task.cancel()
        await asyncio.wait([task])
        answer.set()
        return run

    async def meanwhile(
        self, name: str, at: str, happens: Callable[[], None], *, method: str = "POST", after: int = 0
    ) -> tuple[Result, RecordedRun]:
        """Run a job in the middle of which something happens on the server: before the request to `at` is answered."""
        return await self._meanwhile(self.run(name), at, happens, method, after)

    async def failing_meanwhile(
        self, name: str, at: str, happens: Callable[[], None], *, method: str = "POST", after: int = 0
    ) -> tuple[JobFailed, RecordedRun]:
        """The same of a run that is expected to fail by it."""
        return await self._meanwhile(self.fail(name), at, happens, method, after)

    async def _meanwhile(
        self, running: Coroutine[Any, Any, T], at: str, happens: Callable[[], None], method: str, after: int
    ) -> T:
        answer = self.jellyfin.faults.hold(at, method=method, after=after, times=1)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running)
            await self.jellyfin.requests.reach(after + 1, method, at)
            happens()
            answer.set()
        return task.result()


@asynccontextmanager
async def anime(url: str, folder: Path, *, jellyfin: str = "10.11.11", shoko: str = "5.3") -> AsyncIterator[Anime]:
    """Both servers, in the directory at the database `url`; the libraries are empty yet."""
    household = make_household(people=6, plex_servers=0, jellyfin_servers=1, libraries=4)
    state = jellyfin_state(household, household.servers_of("jellyfin")[0].identifier)
    async with (
        JellyfinServer(state, version=jellyfin) as jellyfin_server,
        ShokoServer(shoko_state(version=shoko)) as shoko_server,
        open_pool(url, schema=SCHEMA) as pool,
        open_clients(media_manners=HASTE, plextv_manners=HASTE, shoko_manners=IN_HASTE) as clients,
    ):
        tools = tools_over(pool, Vault.from_file(folder / "key"), clients, ZoneInfo("UTC"))
        known = await _known(tools, jellyfin_server, shoko_server)
        yield Anime(jellyfin=jellyfin_server, shoko=shoko_server, tools=tools, pool=pool, server=known)


async def _known(tools: Tools, jellyfin: JellyfinServer, shoko: ShokoServer) -> Server:
    unseen = Sighting(state="unknown")
    key = Secret(shoko.state.admin_key)
    await tools.directory.add_server(NewServer(kind="shoko", name=SHOKO, url=shoko.url, token=key), unseen, AT)
    token = Secret(jellyfin.state.api_key)
    new = NewServer(kind="jellyfin", name=ATTIC, url=jellyfin.url, token=token)
    return await tools.directory.add_server(new, unseen, AT)
