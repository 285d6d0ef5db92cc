"""The two event streams: of all jobs, and of one run."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from aiohttp import web
from aiohttp.http import HttpVersion11

from shared.runtime.clock import utc_now

from ..auth.callers import KEPT_S
from ..auth.tokens import BadToken
from ..board.shapes import RunView
from ..events import event
from ..store import runs
from ..store.database import DatabaseUnreachable
from .callers import caller_of
from .headers import SECURITY
from .problems import Problem
from .route import Call, Nothing
from .runs import line_after, line_cursor, shown_runs
from .wanting import wanted_run

CHECK_SESSION_S = 60.0
CHECK_TOKEN_S = KEPT_S  # one answer of Postgres serves all streams of a token
LOOK_S = 2.0
LATE_TICK = timedelta(seconds=10)
"""After that, a run's tick is taken to be lost."""
MOST_LINES = 500
COMMENT = b": still here\n\n"

_HEADERS = {**SECURITY, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
_encode = msgspec.json.Encoder().encode


async def follow_jobs(call: Call, _: Nothing) -> web.StreamResponse:
    """Server-Sent Events: `snapshot` first, then `job`, `removed`, `run` and `scheduler`."""
    response = await _open(call)
    transport = call.request.transport
    if transport is None:
        return response
    hub, check_s = call.gateway.hub, CHECK_TOKEN_S if call.caller.by_token else CHECK_SESSION_S
    client = hub.join(transport, call.caller.key, call.request.headers.get("Last-Event-ID", ""))
    try:
        while not client.gone.done() and await _still_welcome(call):
            await asyncio.wait({client.gone}, timeout=check_s)
    finally:
        hub.leave(client)
    return response


async def follow_run(call: Call, _: Nothing) -> web.StreamResponse:
    """Server-Sent Events: `run` when the run changes, `log` for each line of its log; then the stream ends."""
    run = await wanted_run(call)
    place = line_after(call.request.headers.get("Last-Event-ID"))
    response = await _open(call)
    with call.gateway.run_watch.watching(run.id) as changed:
        try:
            await _RunStream(call, response, changed, place).send(run.id)
        except ConnectionResetError:
            return response  # the client has gone
    return response


class _RunStream:
    """One client that follows one run. It is written to as fast as it takes it, and looks for more only then."""

    def __init__(
        self, call: Call, response: web.StreamResponse, changed: asyncio.Event, place: tuple[int, int]
    ) -> None:
        self._call = call
        self._response = response
        self._changed = changed
        self._place = place
        self._shown: RunView | None = None

    async def send(self, id: UUID) -> None:
        """Send what there is of the run and what comes, until it has finished or the client may see it no more."""
        while not self._call.gateway.stopping and await _still_welcome(self._call):
            self._changed.clear()
            try:
                # The run before its lines: once it has finished, no line is missing that is read afterwards.
                run = await self._look(id)
                await self._send_lines(id)
            except DatabaseUnreachable:
                run = None
            await self._send_run(run)
            if run is not None and all_is_told(run, utc_now()):
                return
            await self._wait()

    async def _send_lines(self, id: UUID) -> None:
        while lines := await runs.log_lines(self._call.gateway.database, id, self._place, MOST_LINES):
            await self._response.write(b"".join(event("log", _encode(line), line_cursor(line)) for line in lines))
            self._place = lines[-1].attempt, lines[-1].number

    async def _look(self, id: UUID) -> RunView | None:
        run = await runs.find(self._call.gateway.database, id)
        return None if run is None else (await shown_runs(self._call, [run]))[0]

    async def _send_run(self, run: RunView | None) -> None:
        if run is None or run == self._shown:
            # Tells a client that it is still served, and us when it is not there any more.
            await self._response.write(COMMENT)
            return
        await self._response.write(event("run", _encode(run)))
        self._shown = run

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S):
                await self._changed.wait()
        except TimeoutError:
            return


def all_is_told(run: RunView, now: datetime) -> bool:
    """Whether no more comes of a run: it has finished, and its tick was read, which may be after its reports."""
    if run.finished_at is None:
        return False
    return run.trigger is not None or now - run.finished_at > LATE_TICK


async def _open(call: Call) -> web.StreamResponse:
    if call.request.version < HttpVersion11:
        raise Problem("bad_request", "An event stream takes HTTP/1.1.")
    response = web.StreamResponse(headers=_HEADERS)
    response.enable_chunked_encoding()
    await response.prepare(call.request)
    return response


async def _still_welcome(call: Call) -> bool:
    """Whether the session or the token still lasts; while that can't be told, it does."""
    try:
        return await caller_of(call.gateway, call.request) is not None
    except BadToken:
        return False
    except DatabaseUnreachable:
        return True
