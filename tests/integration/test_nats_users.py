"""Each service as a user of its own on a real NATS: all that it does works, and whatever else is refused."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.workers.door import Job
from shared.contracts import codec, subjects
from shared.contracts.announcements import Announce, Announced, SpecRefused
from shared.contracts.commands import Cancel
from shared.messaging import Bus, Forbidden, Retention, connect, declare
from shared.messaging.permissions import GATEWAY, SCHEDULER, SUBSCRIBER, worker_user
from shared.runtime.database import open_pool
from tests.support.handlers import Held, every, idle, spec
from tests.support.locked import LockedNats
from tests.support.pipeline import Pipeline, runs_of
from tests.support.servers import BreakableNats

CATEGORY = "test"
USERS = {"scheduler": SCHEDULER, "worker": worker_user(CATEGORY), "projector": GATEWAY}
SOON = 3.0  # seconds, for an answer that never comes where a refusal is missing


class LockedPipeline(Pipeline):
    """A pipeline whose services come as themselves; the test is a gateway."""

    def __init__(self, nats: LockedNats, bus: Bus, pool: object, stack: AsyncExitStack) -> None:
        super().__init__("", bus, pool, stack)  # type: ignore[arg-type]  # as open_pool gives it
        self._nats = nats

    async def connected(self, name: str) -> Bus:
        return await self._stack.enter_async_context(connect(self._nats.url_of(USERS[name]), name))


@pytest.fixture
async def nats(folder: Path) -> AsyncIterator[LockedNats]:
    async with LockedNats(folder / "nats", own=(CATEGORY,)) as server:
        yield server


@pytest.fixture
async def locked(nats: LockedNats, postgres: str) -> AsyncIterator[LockedPipeline]:
    async with AsyncExitStack() as stack:
        async with connect(nats.url_of(SCHEDULER), "test") as scheduler:
            await declare(scheduler, Retention())
        bus = await stack.enter_async_context(connect(nats.url_of(GATEWAY), "test"))
        pool = await stack.enter_async_context(open_pool(postgres, schema="jobs"))
        made = LockedPipeline(nats, bus, pool, stack)
        try:
            yield made
        finally:
            await made.close()


async def test_slots_commands_and_cancels_go_all_the_way_round(locked: LockedPipeline) -> None:
    held = Held()
    await locked.all(idle("tidy", every(500)), Job(spec("slow"), held), idle("alone", resources=("attic",)))
    assert [row["outcome"] for row in await locked.all_ended("tidy", 2)][:2] == ["succeeded"] * 2
    assert (await locked.ended(await locked.run("tidy")))["trigger"] == "manual"
    assert (await locked.ended(await locked.run("alone")))["outcome"] == "succeeded"
    run = await locked.run("slow")
    await held.has_begun()
    await locked.ask(Cancel(job="slow", run=run, by="kim"))
    assert (await locked.ended(run))["outcome"] == "cancelled"


async def test_a_subscriber_hears_the_feed(locked: LockedPipeline, nats: LockedNats) -> None:
    await locked.all(idle("tidy"))
    async with connect(nats.url_of(SUBSCRIBER), "test") as bus, bus.listen("feed.>") as batches:
        run = await locked.run("tidy")
        async for batch in batches:
            heard = runs_of([codec.decode_feed(message.data) for message in batch], run)
            if heard and heard[-1].state == "finished":
                break


async def test_a_worker_announces_jobs_of_its_own_category_only(locked: LockedPipeline) -> None:
    await locked.all(idle("tidy"))
    bus = await locked.connected("worker")

    async def answer(category: str) -> object:
        ask = codec.encode(Announce(spec=spec(f"of_{category}", category=category)))
        return codec.decode_announcement(await bus.request(subjects.announcing(CATEGORY), ask, 10))

    assert isinstance(await answer(CATEGORY), Announced)
    refused = await answer("mail")
    assert isinstance(refused, SpecRefused) and "announce it for its own" in refused.why


async def test_our_own_nats_has_a_subscriber_too(line: Pipeline, nats_server: BreakableNats) -> None:
    file = nats_server.home / "subscriber_url"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await line.all(idle("tidy"))
    async with connect(file.read_text(), "test") as bus, bus.listen(subjects.FEED) as batches:
        run = await line.run("tidy")
        async for batch in batches:
            if runs_of([codec.decode_feed(message.data) for message in batch], run):
                break
        assert [subject for subject in MAY_NOT_SAY[SUBSCRIBER] if not await _is_refused(bus, subject)] == []
        assert [subject for subject in MAY_NOT_HEAR[SUBSCRIBER] if not await _is_unheard(bus, subject)] == []


JETSTREAM = "$JS.API"
DESTRUCTIVE = (
    *(f"{JETSTREAM}.STREAM.{verb}.{stream}" for verb in ("DELETE", "PURGE") for stream in ("TICKS", "KV_controls")),
    f"{JETSTREAM}.CONSUMER.DELETE.TICKS.workers-mail",
    f"{JETSTREAM}.STREAM.CREATE.ANOTHER",
    f"{JETSTREAM}.STREAM.SNAPSHOT.REPORTS",
    f"{JETSTREAM}.STREAM.MSG.DELETE.REPORTS",
    f"{JETSTREAM}.CONSUMER.PAUSE.TICKS.workers-mail",
    "$SYS.REQ.SERVER.PING",
)
OF_THE_SCHEDULER = (
    "ticks.sync.sync_plex.manual",
    "cancels.sync",
    "$KV.catalogue.sync_plex",
    "$KV.controls.sync_plex",
    "$KV.leases.scheduler",
    "$KV.notices.sync_plex",
    f"{JETSTREAM}.STREAM.UPDATE.TICKS",
    f"{JETSTREAM}.STREAM.MSG.DELETE.TICKS",
)
OF_THE_GATEWAY = ("commands.run_now", "feed.jobs")
OF_A_WORKER = (
    "reports.sync.somebody",
    "catalogue.announce.sync",
    "$JS.ACK.TICKS.workers-sync.1.2.3.4.5",
    f"{JETSTREAM}.CONSUMER.MSG.NEXT.TICKS.workers-sync",
)
READING = (
    *(f"{JETSTREAM}.CONSUMER.CREATE.{stream}.reader" for stream in ("TICKS", "REPORTS", "KV_controls")),
    *(f"{JETSTREAM}.STREAM.MSG.GET.{stream}" for stream in ("TICKS", "REPORTS", "KV_controls")),
    f"{JETSTREAM}.DIRECT.GET.TICKS",
    f"{JETSTREAM}.STREAM.INFO.REPORTS",
)
MAY_NOT_SAY = {
    "scheduler": (
        *DESTRUCTIVE,
        *OF_THE_GATEWAY,
        *(subject for subject in OF_A_WORKER if "NEXT" not in subject),
        "catalogue.announce",
    ),
    "gateway": (
        *DESTRUCTIVE,
        *OF_THE_SCHEDULER,
        *OF_A_WORKER,
        f"{JETSTREAM}.CONSUMER.CREATE.TICKS.workers-sync",
        "_INBOX.scheduler.x",
    ),
    "worker-mail": (
        *DESTRUCTIVE,
        *OF_THE_SCHEDULER,
        *OF_THE_GATEWAY,
        *OF_A_WORKER,
        *READING,
        f"{JETSTREAM}.CONSUMER.CREATE.TICKS.workers-mail",
        "$KV.resources.outside.library",
        "catalogue.announce",
        "_INBOX.gateway.x",
    ),
    "subscriber": (
        *DESTRUCTIVE,
        *OF_THE_SCHEDULER,
        *OF_THE_GATEWAY,
        *OF_A_WORKER,
        *READING,
        "feed.other",
        "_INBOX.scheduler.x",
        "anything",
    ),
}
MAY_NOT_HEAR = {
    "scheduler": (">", "_INBOX.>", "feed.jobs", "ticks.>", "reports.>", "_INBOX.gateway.*"),
    "gateway": (">", "_INBOX.>", "commands.*", "ticks.>", "reports.>", "$KV.>", "cancels.sync", "_INBOX.scheduler.*"),
    "worker-mail": (">", "feed.jobs", "commands.*", "cancels.sync", "cancels.*", "ticks.>", "_INBOX.worker-sync.*"),
    "subscriber": (">", "commands.*", "ticks.>", "reports.>", "$KV.>", "_INBOX.>", "$JS.API.>", "catalogue.announce"),
}


@pytest.mark.parametrize("user", MAY_NOT_SAY)
async def test_what_is_not_a_users_own_is_refused(folder: Path, user: str) -> None:
    async with LockedNats(folder / "nats") as server:
        async with connect(server.url_of(SCHEDULER), "test") as scheduler:
            await declare(scheduler, Retention())
        async with connect(server.url_of(user), "test") as bus:
            assert [subject for subject in MAY_NOT_SAY[user] if not await _is_refused(bus, subject)] == []
            assert [subject for subject in MAY_NOT_HEAR[user] if not await _is_unheard(bus, subject)] == []


async def _is_refused(bus: Bus, subject: str) -> bool:
    try:
        await bus.request(subject, b"", SOON)
    except Forbidden:
        return True
    return False


async def _is_unheard(bus: Bus, subject: str) -> bool:
    try:
        async with bus.listen(subject):
            return False
    except Forbidden:
        return True
