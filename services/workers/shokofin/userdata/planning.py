"""What is to be written so that Jellyfin and Shoko tell the same of what people have watched, on one server.

Videos are listed once for all. Of each person both sides' lists are read; only of files that these leave in doubt the
whole record is asked for. So a sync takes hundreds of requests where it compares hundreds of thousands of records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from msgspec import Struct

from shared.directory.records import Server
from shared.outside.errors import OutsideError, Unauthorized

from ...clients.jellyfin_userdata import JellyfinUserData
from ...clients.shoko import ShokoClient
from ...door import RunContext
from ...tools import Tools
from ..places import Place
from ..work import Planned, Step, reading
from . import local, remote, rules, sides
from .asking import Troubles, each
from .local import Histories
from .revoking import revoked
from .sides import Person
from .terms import Direction, Viewing
from .videos import Video, by_file
from .viewers import Viewer, audience

PEOPLE_AT_ONCE = 3


class Share(Struct, frozen=True, kw_only=True):
    """The part of a plan that is about one person; `failures` and `transient` as in `Planned`."""

    steps: Sequence[Step] = ()
    failures: Sequence[str] = ()
    transient: bool = False


async def plan(
    tools: Tools, direction: Direction, run: RunContext, place: Place, *, restricted: bool, most: int
) -> Planned:
    """What is to be written, about `most` changes. OutsideError, DirectoryError, VaultError: nothing can be said."""
    client, shoko = place.needed_shoko(), place.needed_shoko_server()
    who = await audience(tools, place.server, shoko)
    if not who.viewers:
        return Planned(warnings=who.warnings)
    videos = await local.videos_on(place.media, reading(run, place), restricted=restricted)
    told = await remote.tells_viewings(client, [viewer.key for viewer in who.viewers])
    comparing = Comparing(tools, direction, place, client=client, shoko=shoko, videos=videos, told=told, most=most)
    room = asyncio.Semaphore(PEOPLE_AT_ONCE)

    async def one(viewer: Viewer) -> Share:
        async with room:
            run.progress(None, f"{place.server.name}: comparing what {viewer.name} has watched")
            return await comparing.share(viewer)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(viewer)) for viewer in who.viewers]
    shares = [task.result() for task in tasks]
    return Planned(
        steps=[step for share in shares for step in share.steps],
        failures=[failure for share in shares for failure in share.failures],
        transient=any(share.transient for share in shares),
        warnings=[*who.warnings, *comparing.postponed()],
    )


class Comparing:
    """Compares what people have watched of `videos`; `told`: Shoko's list of files says what they have viewed."""

    def __init__(
        self,
        tools: Tools,
        direction: Direction,
        place: Place,
        *,
        client: ShokoClient,
        shoko: Server,
        videos: Mapping[str, Video],
        told: bool,
        most: int,
    ) -> None:
        self._tools = tools
        self._direction = direction
        self._media = JellyfinUserData(place.media.requests)
        self._client = client
        self._shoko = shoko
        self._videos = videos
        self._files = by_file(videos.values())
        self._told = told
        self._most = most
        self._steps = 0
        self._postponed = 0

    async def share(self, viewer: Viewer) -> Share:
        """What is to be written for one person; what fails with them is told, and stops nobody else."""
        troubles = Troubles()
        try:
            seen = await local.histories(self._media, viewer.user_id, self._videos, troubles)
            steps = await self._compared(viewer, seen, troubles)
        except OutsideError as error:
            return Share(failures=[f"{viewer.name}: {error}"], transient=error.transient)
        failures = [f"{viewer.name}: {clause}" for clause in troubles.clauses]
        return Share(steps=steps, failures=failures, transient=troubles.transient)

    def postponed(self) -> Sequence[str]:
        """A warning, if there was more to compare than one run can write."""
        if not self._postponed:
            return ()
        return [f"{self._postponed} more files are left to the next run, as one makes about {self._most} changes"]

    async def _compared(self, viewer: Viewer, seen: Histories, troubles: Troubles) -> list[Step]:
        person = Person(
            user_id=viewer.user_id, account_id=viewer.account_id, person_id=viewer.person_id, name=viewer.name
        )
        found: dict[str, list[Step]] = {}

        async def ask(file: str) -> None:
            if self._steps >= self._most:
                self._postponed += 1
                return
            # Fresh, and with the count, which the list leaves out.
            stats = await self._client.stats(viewer.key, file)
            videos = [video for video in self._files[file] if video.id in seen]
            decisions = rules.decide_file(
                self._direction, [seen[video.id] for video in videos], stats, self._tools.now()
            )
            found[file] = [
                sides.decided(person, video, decision, seen[video.id], stats)
                for video, decision in zip(videos, decisions, strict=True)
                if decision != rules.NOTHING
            ]
            self._steps += len(found[file])

        try:
            viewed = await remote.viewings(self._client, viewer.key) if self._told else None
            open_files = self._unsettled(seen, viewed)
            await each(open_files, ask, lambda file: self._files[file][0].title, troubles)
        except Unauthorized:
            await revoked(self._tools, self._shoko, viewer.person_id, viewer.key)
            raise
        return [step for file in open_files for step in found.get(file, ())]

    def _unsettled(self, seen: Histories, viewed: Mapping[str, Viewing] | None) -> list[str]:
        """The files of which something may have to be written."""
        now = self._tools.now()

        def unsettled(file: str, video: Video) -> bool:
            history = seen.get(video.id)
            if history is None:
                return False
            return viewed is None or not rules.settled(self._direction, history, viewed.get(file), now)

        return [file for file, videos in self._files.items() if any(unsettled(file, video) for video in videos)]
