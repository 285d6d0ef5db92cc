"""People who watch: users of a simulated Jellyfin and Shoko server; what each has seen there is set and read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from services.workers.door import JobFailed, Result
from services.workers.shokofin.userdata.terms import History, Stats
from services.workers.sync.jobs import jobs as sync_jobs
from shared.directory.records import Account, Server
from shared.runtime.secrets import Secret
from tests.simulators.base import Simulator
from tests.simulators.jellyfin_item import MediaItem
from tests.simulators.jellyfin_state import User
from tests.simulators.jellyfin_versions import merge
from tests.simulators.shoko_state import UserStats
from tests.support.anime import Anime, anime
from tests.support.recorded import RecordedRun

TICKS_A_US = 10
WHO = "mara"


@dataclass(frozen=True, kw_only=True)
class Viewing:
    """An anime library, and people who watch it: all go by their names, and items by themselves."""

    anime: Anime
    shoko: Server

    async def join(self, *names: str, mapped: bool = True) -> None:
        """Let people have a user on both servers, and tell the directory who is who."""
        for name in names:
            self.anime.state.add_user(name, f"pw-{name}")
            self.anime.shoko.state.add_user(name)
        await self.sync()
        for name in names if mapped else ():
            await self.map(name)

    async def sync(self) -> None:
        """Have the directory see who is there."""
        every = sync_jobs(self.anime.tools.directory, self.anime.tools.clients)
        await next(job.handler for job in every if job.spec.name == "sync_jellyfin")(RecordedRun("sync_jellyfin"))

    async def map(self, name: str) -> None:
        """Say which Shoko user a person is, with the key that they have now."""
        state = self.anime.shoko.state
        await self.anime.tools.shoko_users.put(
            self.shoko.id,
            (await self.account(name)).person_id,
            Secret(state.key_of(name)),
            outside_id=str(state.named(name).id),
            username=name,
            by=WHO,
            at=self.anime.tools.now(),
        )

    async def account(self, name: str) -> Account:
        """Somebody's account on the Jellyfin server."""
        accounts = await self.anime.tools.directory.accounts(self.anime.server.id, limit=1000)
        return next(account for account in accounts if account.username == name)

    def user(self, name: str) -> User:
        """Somebody's user on the Jellyfin server. KeyError."""
        found = self.anime.state.named(name)
        if found is None:
            raise KeyError(name)
        return found

    def watched(self, name: str, item: MediaItem, history: History) -> None:
        """Let Jellyfin have this of an item."""
        data = self.anime.media.user_data(self.user(name).id, item.id)
        data.position, data.play_count = history.position_ticks, history.count
        data.played, data.last_played = history.played, history.last_played_at

    def on_jellyfin(self, name: str, item: MediaItem) -> History:
        """What Jellyfin has of an item."""
        data = self.anime.media.seen(self.user(name).id, item.id)
        return History(
            position_ticks=data.position, count=data.play_count, played=data.played, last_played_at=data.last_played
        )

    def told(self, name: str, item: MediaItem, stats: Stats | None) -> None:
        """Let Shoko have this of an item's file."""
        state = self.anime.shoko.state
        place = state.named(name).id, int(item.provider_ids["Shoko File"])
        if stats is None:
            state.stats.pop(place, None)
            return
        state.stats[place] = UserStats(
            position=timedelta(microseconds=stats.position_ticks / TICKS_A_US),
            count=stats.count,
            last_watched_at=stats.last_watched_at,
            last_updated_at=stats.last_updated_at,
        )

    def on_shoko(self, name: str, item: MediaItem) -> Stats | None:
        """What Shoko has of an item's file."""
        stats = self.anime.shoko.state.stats_of(name, int(item.provider_ids["Shoko File"]))
        if stats is None:
            return None
        return Stats(
            position_ticks=int(stats.position / timedelta(microseconds=1)) * TICKS_A_US,
            count=stats.count,
            last_watched_at=stats.last_watched_at,
            last_updated_at=stats.last_updated_at,
        )

    def both(self, names: Sequence[str], items: Sequence[MediaItem]) -> list[tuple[History, Stats | None]]:
        """What both servers have, person by person and item by item."""
        return [(self.on_jellyfin(name, item), self.on_shoko(name, item)) for name in names for item in items]

    async def run(self, job: str, **params: Any) -> tuple[Result, RecordedRun]:
        """Run a job to its end."""
        return await self.anime.run(job, **params)

    async def fail(self, job: str, **params: Any) -> tuple[JobFailed, RecordedRun]:
        """Run a job that is expected to fail."""
        return await self.anime.fail(job, **params)

    async def killed(self, job: str, server: Simulator, at: str, *, method: str, after: int) -> RecordedRun:
        """Run a job, and cut it off while the request to `at` that comes after so many others is unanswered."""
        run = RecordedRun(job)
        released = server.faults.hold(at, method=method, after=after, times=1)
        task = asyncio.ensure_future(self.anime.handler(job)(run))
        await server.requests.reach(after + 1, method, at)
        task.cancel()
        await asyncio.wait([task])
        released.set()
        return run

    def pair(self, items: Sequence[MediaItem]) -> tuple[MediaItem, MediaItem]:
        """An item, and the second file of its episode, as two versions of one."""
        second = items[-1]
        episode = second.provider_ids["Shoko Episode"]
        first = next(item for item in items if item.provider_ids["Shoko Episode"] == episode)
        merge(self.anime.media, [first, second])
        return first, second

    def blind(self, name: str) -> None:
        """Let somebody see no library any more."""
        self.user(name).policy.update(EnableAllFolders=False, EnabledFolders=[])


@asynccontextmanager
async def viewing(
    url: str, folder: Path, now: Callable[[], datetime], *, jellyfin: str = "10.11.11", shoko: str = "5.3"
) -> AsyncIterator[Viewing]:
    """Both servers with nobody on them who watches yet; `now` is the time that it is for the jobs."""
    async with anime(url, folder, jellyfin=jellyfin, shoko=shoko) as opened:
        here = replace(opened, tools=structs.replace(opened.tools, now=now))
        (known,) = await here.tools.directory.servers("shoko")
        yield Viewing(anime=here, shoko=known)
