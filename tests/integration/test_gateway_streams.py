"""Event streams: what clients see, live, after a break, and when they are slow."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from services.gateway.board import Board
from services.gateway.hub import Hub
from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts import codec, subjects
from shared.contracts.feed import Feed, Run
from shared.contracts.ids import first_run, new_run
from shared.contracts.reports import Finished, Reports
from shared.contracts.specs import Interval, Spec
from shared.contracts.ticks import Tick
from shared.messaging.append import append_plain
from shared.runtime.clock import utc_now
from tests.support.eventstreams import events
from tests.support.gateways import House, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def spec(name: str) -> Spec:
    return Spec(name=name, title=name, description="", category="test", schedule=Interval(every_ms=3_600_000))


class Gate:
    """A job that goes on when the test lets it."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def handle(self, run: RunContext) -> Result:
        run.log("before the gate")
        run.progress(0.25, "waiting")
        await self.open.wait()
        run.log("behind the gate")
        return succeeded("through")


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Any) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def admin(home: House, gate: Gate) -> Person:
    await home.scheduler()
    await home.worker(Job(spec("gated"), gate.handle), Job(spec("other"), gate.handle))
    person, _ = await home.gateway()
    await person.log_in()

    async def known() -> bool:
        answer = await person.read("/api/jobs")
        return answer["scheduler"]["state"] == "leading" and len(answer["jobs"]) == 2

    await wait_until(known, what="the jobs")
    return person


async def test_a_run_is_seen_queued_running_and_finished(admin: Person, gate: Gate) -> None:
    async with events(admin, "/api/jobs/sse") as stream:
        snapshot = await stream.next()
        assert snapshot is not None and snapshot.name == "snapshot" and snapshot.id
        assert {job["name"] for job in snapshot.data["jobs"]} == {"gated", "other"}
        assert snapshot.data["scheduler"]["state"] == "leading"
        _, answer = await admin.post("/api/jobs/gated/run")
        # Two states that follow each other closely may be told as one: the newer.
        run = await stream.until("run", id=answer["run_id"], progress=0.25)
        assert (run.data["state"], run.data["note"]) == ("running", "waiting")
        job = await stream.until("job", name="gated", status="running")
        assert job.data["running"]["run_id"] == answer["run_id"]
        gate.open.set()
        await stream.until("run", id=answer["run_id"], outcome="succeeded", summary="through")
        await stream.until("job", name="gated", status="idle", run_count=1)


async def test_a_client_that_comes_back_is_told_only_what_it_missed(admin: Person) -> None:
    async with events(admin, "/api/jobs/sse") as stream:
        await stream.next()
        left_at = stream.last_id
    await admin.post("/api/jobs/gated/pause", reason="a break")
    async with events(admin, "/api/jobs/sse", left_at) as stream:
        event = await stream.next()
        assert event is not None and (event.name, event.data["name"]) == ("job", "gated")
        assert event.data["reason"] == "a break"
    async with events(admin, "/api/jobs/sse", "strange-17") as stream:
        event = await stream.next()
        assert event is not None and event.name == "snapshot"


async def test_the_stream_ends_when_its_session_does(admin: Person) -> None:
    async with Person(admin.url) as other:
        await other.log_in()
        async with events(other, "/api/jobs/sse") as stream, events(admin, "/api/jobs/sse") as ours:
            await stream.next()
            await ours.next()
            await other.delete("/api/session")
            assert await stream.next() is None
            await admin.post("/api/jobs/gated/pause")
            assert (await ours.until("job", name="gated")).data["paused"]


async def test_one_run_is_followed_line_by_line_to_its_end(admin: Person, gate: Gate) -> None:
    _, answer = await admin.post("/api/jobs/gated/run")
    path = f"/api/runs/{answer['run_id']}"

    async def begun() -> bool:
        status, run = await admin.get(path)
        return status == 200 and run["state"] == "running"

    await wait_until(begun, what="the run in Postgres")
    async with events(admin, f"{path}/sse") as stream:
        first = await stream.until("log")
        assert first.data["text"] == "before the gate"
        await stream.until("run", state="running", progress=0.25)
        gate.open.set()
        second = await stream.until("log", text="behind the gate")
        await stream.until("run", outcome="succeeded")
        assert await stream.next() is None
    async with events(admin, f"{path}/sse", first.id) as stream:
        event = await stream.next()
        assert event is not None and (event.name, event.id) == ("log", second.id)
    assert (await admin.get(f"/api/runs/{first_run(NOW)}/sse"))[0] == 404


async def test_a_run_is_followed_from_the_moment_in_which_it_was_asked_for(admin: Person, home: House) -> None:
    """Before its row is there, and past its end, if its tick is read after that."""
    stranger, run, now = await home.bus("stranger"), new_run(), utc_now()
    path = f"/api/runs/{run}/sse"
    early = asyncio.create_task(_heard(admin, path))
    end = Finished(job="gated", run=run, attempt=1, started_at=now, at=now, outcome="succeeded")
    bundle = codec.encode(Reports(category="elsewhere", worker="w", reports=(end,)))
    await append_plain(stranger, subjects.reports("elsewhere", "w"), bundle)
    async with events(admin, path) as stream:
        assert (await stream.until("run", state="finished")).data["trigger"] is None
        tick = Tick(job="gated", run=run, category="elsewhere", trigger="manual", fired_at=now, asked_by="us")
        await append_plain(stranger, subjects.manual_tick("elsewhere", "gated"), codec.encode(tick))
        assert (await stream.until("run", trigger="manual")).data["asked_by"] == "us"
        assert await stream.next() is None
    assert await early == "finished"


async def _heard(admin: Person, path: str) -> str:
    async with events(admin, path) as stream:
        return str((await stream.until("run")).data["state"])


async def test_another_gateway_feeds_its_own_clients(admin: Person, home: House) -> None:
    second, _ = await home.gateway()
    await second.log_in()
    async with events(second, "/api/jobs/sse") as stream:
        await stream.next()
        _, answer = await admin.post("/api/jobs/gated/run")
        await stream.until("run", id=answer["run_id"], state="running")
        await admin.post("/api/jobs/other/disable", reason="by the first")
        await stream.until("job", name="other", status="disabled", reason="by the first")


async def test_a_lost_feed_message_is_made_good_from_postgres(admin: Person, home: House, gate: Gate) -> None:
    gate.open.set()
    _, answer = await admin.post("/api/jobs/gated/run")

    async def counted() -> bool:
        return bool((await admin.read("/api/jobs/gated"))["run_count"] == 1)

    async def gaps() -> str:
        async with admin.http.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        return next(line for line in lines if line.startswith("showrunner_feed_gaps_total"))

    await wait_until(counted, what="the run")
    before = await gaps()
    stranger = await home.bus("stranger")
    ghost = Run(id=new_run(), job="gated", category="test", state="running", trigger="manual")
    await stranger.say(subjects.FEED, codec.encode(Feed(source="unheard of", number=7, runs=(ghost,))))
    await stranger.say(subjects.FEED, codec.encode(Feed(source="unheard of", number=9)))

    async def made_good() -> bool:
        job = await admin.read("/api/jobs/gated")
        return job["running"] is None and job["last_run"]["id"] == answer["run_id"] and await gaps() != before

    await wait_until(made_good, what="the board to be read anew")


async def test_streams_end_when_the_gateway_stops(home: House) -> None:
    person, gateway = await home.gateway()
    await person.log_in()
    async with events(person, "/api/jobs/sse") as stream:
        await stream.next()
        await asyncio.wait_for(home.stop(gateway), 5)
        assert await stream.next() is None


class HubServer:
    """A hub of its own on a port of its own, with clients whose pace the test decides."""

    def __init__(self, jobs: int) -> None:
        self.board = Board("b0", "UTC")
        for number in range(jobs):
            self.board.apply_spec(f"job{number}", spec(f"job{number}"))
        self.hub = Hub(self.board, utc_now)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        assert request.transport is not None
        client = self.hub.join(request.transport, b"", request.headers.get("Last-Event-ID", ""))
        try:
            await client.gone
        finally:
            self.hub.leave(client)
        return response

    def change(self, job: str, note: str) -> None:
        run = Run(id=new_run(), job=job, category="test", state="running", trigger="manual", note=note)
        self.board.apply_runs((run,))
        self.hub.wake()


async def test_a_slow_client_gets_the_newest_states_and_holds_nobody_up() -> None:
    server = HubServer(jobs=20)
    app = web.Application()
    app.router.add_get("/", server.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    delivering = asyncio.ensure_future(server.hub.run())
    try:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(slow, ("127.0.0.1", port))
        await asyncio.get_running_loop().sock_sendall(slow, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with Person(f"http://127.0.0.1:{port}") as person, events(person, "/") as quick:
            await quick.next()
            await wait_until(lambda: len(server.hub) == 2, what="both clients")
            for number in range(400):
                server.change(f"job{number % 20}", f"change {number} {'x' * 50_000}")
                await quick.until("run", job=f"job{number % 20}")
            server.change("job0", "the last one")
            await quick.until("run", note="the last one")
            received = await asyncio.wait_for(read_until(slow, b"the last one"), 20)
            told = received.count(b"event: run")
            assert 0 < told < 400, "the slow client was spared states that had become old"
            newest = [json.loads(line[6:]) for line in received.split(b"\n") if line.startswith(b'data: {"id"')]
            assert newest[-1]["note"].startswith(("the last one", "change 399"))
            assert server.hub.fell_behind >= 1 and not server.hub.dropped
            slow.close()
    finally:
        delivering.cancel()
        server.hub.close()
        await runner.cleanup()


async def read_until(slow: socket.socket, end: bytes) -> bytes:
    """All that comes, without the frames' sizes, until `end` was there."""
    received = bytearray()
    while end not in received:
        some = await asyncio.get_running_loop().sock_recv(slow, 2048)
        assert some, "the stream ended"
        received += some
    return bytes(received)
