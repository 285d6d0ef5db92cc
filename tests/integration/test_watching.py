"""The watch over simulated media servers: what it sees there stands in the bucket of resources while it lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.workers.door import Job, Result, RunContext, succeeded
from services.workers.watching import service as watching
from services.workers.watching.watch import Pace
from shared.contracts import codec, subjects
from shared.contracts.resources import Occupied, library_of, streams_of
from shared.directory.records import Server, ServerEdit
from shared.messaging import Retention, declare
from shared.messaging.buckets import get
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.jellyfin_state import Playing
from tests.simulators.jellyfin_tasks import SCAN
from tests.simulators.plex_sessions import PlexPlaying
from tests.support.handlers import spec
from tests.support.pipeline import Pipeline, Service
from tests.support.town import Town, town
from tests.support.waiting import wait_until

NEVER_S = 3600.0
QUICK = Pace(busy_s=0.1, calm_s=0.1, trouble_s=0.1, servers_s=0.1)
BY_EAR = Pace(busy_s=NEVER_S, calm_s=NEVER_S, trouble_s=0.1, servers_s=0.1)
"""It looks once; what it learns later it has heard."""
BY_EYE = Pace(busy_s=0.1, calm_s=0.1, trouble_s=NEVER_S, servers_s=0.1)
"""It never listens again after it has lost the web socket."""


class Sky:
    """A town that is watched."""

    def __init__(self, line: Pipeline, here: Town) -> None:
        self.line = line
        self.here = here

    @property
    def jellyfin(self) -> JellyfinServer:
        return self.here.outside.jellyfin[0]

    async def attic(self) -> Server:
        """The Jellyfin server, as the directory knows it."""
        return await self.here.server(self.jellyfin.state.server.name)

    async def watch(self, pace: Pace) -> Service:
        bus = await self.line.connected("watch")
        return self.line.start(watching.run(bus, self.here.directory, self.here.clients, pace))

    async def sign(self, resource: str) -> Occupied | None:
        data = (await get(self.line.bus, subjects.RESOURCES, subjects.outside_key(resource))).data
        return codec.decode_occupied(data) if data else None

    async def shows(self, resource: str, what: str, share: float | None = None) -> None:
        """Wait until this is shown."""

        async def shown() -> bool:
            sign = await self.sign(resource)
            assert sign is not None, "nobody looks"
            assert (sign.what, sign.share) == (what, share), sign
            return True

        await wait_until(shown, what=f"a sign that says {what!r}")

    async def dark(self, resource: str) -> None:
        """Wait until nobody looks."""

        async def unseen() -> bool:
            return await self.sign(resource) is None

        await wait_until(unseen, what="no sign")


@pytest.fixture
async def sky(line: Pipeline, postgres: str, folder: Path) -> AsyncIterator[Sky]:
    await declare(line.bus, Retention(hold_ms=2_000))
    async with town(postgres, folder) as here:
        yield Sky(line, here)
        # Before the servers that it watches are gone.
        await line.close()


async def test_a_scan_is_heard_of_at_once(sky: Sky) -> None:
    attic, tasks = await sky.attic(), sky.jellyfin.state.tasks
    library, scan = library_of(attic.id), f"library scan on {attic.name}"
    await sky.watch(BY_EAR)
    await sky.shows(library, "")
    await wait_until(lambda: sky.jellyfin.socket.listeners, what="somebody who listens")
    tasks.begin(SCAN, share=0.1)
    await sky.shows(library, scan, 0.1)
    tasks.finish(SCAN)
    await sky.shows(library, "")


async def test_without_its_web_socket_a_server_is_asked(sky: Sky) -> None:
    attic, tasks = await sky.attic(), sky.jellyfin.state.tasks
    library, scan = library_of(attic.id), f"library scan on {attic.name}"
    await sky.watch(BY_EYE)
    await wait_until(lambda: sky.jellyfin.socket.listeners, what="somebody who listens")
    sky.jellyfin.socket.drop()
    await wait_until(lambda: not sky.jellyfin.socket.connections, what="a lost web socket")
    tasks.begin(SCAN, share=0.42)
    await sky.shows(library, scan, 0.42)
    tasks.hold(SCAN, stubborn=True)
    tasks.cancel(SCAN)
    await sky.shows(library, scan, 0.42)
    tasks.release(SCAN)
    await sky.shows(library, "")
    library_id = next(iter(sky.jellyfin.state.libraries.values())).item_id
    sky.jellyfin.state.refreshing[library_id] = None
    await sky.shows(library, scan, 0.0)
    sky.jellyfin.state.refreshing[library_id] = 0.5
    await sky.shows(library, scan, 0.5)
    sky.jellyfin.state.refreshing.clear()
    await sky.shows(library, "")


async def test_streams_are_counted_on_both_kinds_of_servers(sky: Sky) -> None:
    attic, state = await sky.attic(), sky.jellyfin.state
    plex = sky.here.outside.plex[0]
    cellar = await sky.here.server(plex.machine.server.name)
    await sky.watch(QUICK)
    await sky.shows(streams_of(attic.id), "")
    await sky.shows(streams_of(cellar.id), "")
    user = next(iter(state.users.values()))
    state.sessions_playing.append(Playing(user=user, item="0" * 32, at=state.now()))
    state.sessions_playing.append(Playing(user=user, item=None, at=state.now(), device="Idle"))
    await sky.shows(streams_of(attic.id), f"1 stream on {attic.name}")
    person = next(iter(plex.state.people.values()))
    plex.machine.sessions_playing += [
        PlexPlaying(person=person, rating_key=number, title="A film") for number in (1, 2)
    ]
    await sky.shows(streams_of(cellar.id), f"2 streams on {cellar.name}")
    plex.machine.refreshing.add(next(iter(plex.machine.libraries)))
    await sky.shows(library_of(cellar.id), f"library scan on {cellar.name}")
    plex.machine.sessions_playing.clear()
    plex.machine.refreshing.clear()
    state.sessions_playing.clear()
    for server in (attic, cellar):
        await sky.shows(streams_of(server.id), "")
        await sky.shows(library_of(server.id), "")


async def test_what_can_not_be_seen_is_not_taken_for_calm(sky: Sky) -> None:
    attic = await sky.attic()
    await sky.watch(QUICK)
    await sky.shows(library_of(attic.id), "")
    await sky.jellyfin.go_down()

    async def unseen() -> bool:
        signs = [await sky.sign(resource) for resource in (library_of(attic.id), streams_of(attic.id))]
        return all(sign and sign.what.startswith(f"{attic.name} can't be looked at: ") for sign in signs)

    await wait_until(unseen, 20, what="signs that say so")
    await sky.jellyfin.come_up()
    await sky.shows(library_of(attic.id), "")


async def test_servers_that_are_disabled_enabled_and_renamed_are_followed(sky: Sky) -> None:
    attic = await sky.attic()
    await sky.watch(QUICK)
    await sky.shows(library_of(attic.id), "")
    await sky.here.directory.change_server(attic.id, ServerEdit(enabled=False))
    await sky.dark(library_of(attic.id))
    await sky.here.directory.change_server(attic.id, ServerEdit(enabled=True, name="Loft"))
    sky.jellyfin.state.tasks.begin(SCAN, share=0.25)
    await sky.shows(library_of(attic.id), "library scan on Loft", 0.25)


async def test_of_two_watches_one_watches(sky: Sky) -> None:
    attic = await sky.attic()
    first = await sky.watch(QUICK)
    await sky.shows(library_of(attic.id), "")
    await sky.watch(QUICK)
    await sky.line.stop(first)
    sky.jellyfin.state.tasks.begin(SCAN, share=0.5)
    await sky.shows(library_of(attic.id), f"library scan on {attic.name}", 0.5)


async def test_a_run_waits_for_the_scan_that_the_watch_sees(sky: Sky) -> None:
    attic = await sky.attic()

    async def tidy(run: RunContext) -> Result:
        async with run.hold(library_of(attic.id), f"{attic.name}'s library") as held:
            await held.check()
        return succeeded()

    await sky.line.all(Job(spec("tidy"), tidy))
    await sky.watch(BY_EAR)
    await wait_until(lambda: sky.jellyfin.socket.listeners, what="somebody who listens")
    sky.jellyfin.state.tasks.begin(SCAN, share=0.42)
    await sky.shows(library_of(attic.id), f"library scan on {attic.name}", 0.42)
    run = await sky.line.run("tidy")

    async def waits() -> bool:
        row = await sky.line.row(run)
        return bool(row["note"] == f"waiting: library scan on {attic.name}, 42 %")

    await wait_until(waits, what="a run that says that it waits")
    sky.jellyfin.state.tasks.finish(SCAN)
    assert (await sky.line.ended(run))["outcome"] == "succeeded"
