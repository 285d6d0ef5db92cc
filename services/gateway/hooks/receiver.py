"""Where other programs call to have a job run: /hooks/{name}, signed, or /hooks/{name}/{token}.

No session, and no rule of one origin, for no cookie is read here. Whoever can't prove that they may learns nothing, not
even whether there is such a hook.
"""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Struct

from shared.runtime.clock import utc_now

from ..api.answering import problem_answer, problem_of
from ..api.commands import start
from ..api.headers import SECURITY
from ..api.problems import Problem
from ..api.reading import raw_body
from ..api.route import Call
from ..asking import CommandRefused
from ..auth.callers import Caller, key_of
from ..auth.pace import Pace
from ..context import Gateway
from ..store import hooks_in
from . import signing
from .payload import event_in
from .terms import CallResult, HookIn

BY_SIGNATURE, BY_TOKEN = "/hooks/{name}", "/hooks/{name}/{token}"
MINUTE_S = 60.0


class HookAnswer(Struct, frozen=True, kw_only=True):
    """What a call came to, and the run that was made or is under way already."""

    result: CallResult
    run_id: UUID | None
    event: str


class Receiver:
    """Takes the calls."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._paces: dict[tuple[str, int], Pace] = {}

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_post(BY_SIGNATURE, self._signed)
        app.router.add_post(BY_TOKEN, self._by_token)

    async def _signed(self, request: web.Request) -> web.Response:
        return await self._answer(request, BY_SIGNATURE)

    async def _by_token(self, request: web.Request) -> web.Response:
        return await self._answer(request, BY_TOKEN)

    async def _answer(self, request: web.Request, path: str) -> web.Response:
        try:
            answer = await self._take(request)
        except ConnectionResetError:
            raise  # the caller has gone: nobody is left to be told anything
        except Exception as error:
            # By the pattern of the path: the path itself may hold a token.
            return problem_answer(self._gateway, problem_of(error, request.method, path))
        status = 200 if answer.result == "ignored" else 202
        return web.Response(
            status=status, body=msgspec.json.encode(answer), content_type="application/json", headers=SECURITY
        )

    async def _take(self, request: web.Request) -> HookAnswer:
        body = await raw_body(request)
        hook = await self._proven(request, body)
        if not hook.enabled:
            raise Problem("hook_disabled", f"The hook {hook.name} is disabled: have an administrator enable it.")
        event = event_in(request.headers.get("Content-Type", ""), body)
        if hook.events and event not in hook.events:
            answer = HookAnswer(result="ignored", run_id=None, event=event)
        else:
            self._keep_pace(hook)
            async with self._once(request, hook):
                answer = await self._run(request, hook, event)
        await hooks_in.note_call(self._gateway.database, hook.name, event, answer.result, utc_now())
        return answer

    async def _proven(self, request: web.Request, body: bytes) -> HookIn:
        """The hook that the caller may call. Raises `hook_unproven`."""
        found = await self._gateway.hooks.find_in(request.match_info["name"])
        token, headers = request.match_info.get("token"), request.headers
        if found is not None:
            hook, key = found
            if hook.proof == "token" and token is not None and hmac.compare_digest(key, key_of(token)):
                return hook
            if hook.proof == "signature" and token is None:
                given = headers.get(signing.TIMESTAMP, ""), headers.get(signing.SIGNATURE, "")
                try:
                    signing.check(key, *given, body, utc_now())
                except signing.BadSignature as bad:
                    raise Problem("hook_unproven", f"{bad}.") from None
                return hook
        raise Problem("hook_unproven")

    def _keep_pace(self, hook: HookIn) -> None:
        """Only calls that would run the job count: a media server tells of much that its hook passes over."""
        key = hook.name, hook.per_minute
        pace = self._paces.get(key)
        if pace is None:
            # Made anew when somebody changes the pace.
            self._paces = {other: kept for other, kept in self._paces.items() if other[0] != hook.name}
            pace = self._paces[key] = Pace(at_once=hook.per_minute, every_s=MINUTE_S / hook.per_minute)
        wait = pace.wait(hook.name, time.monotonic())
        if wait:
            often = f"The hook {hook.name} may be called {hook.per_minute} times a minute."
            raise Problem("too_many_calls", often, {"Retry-After": str(math.ceil(wait))})
        if self._gateway.trail.full:
            raise Problem("audit_unavailable")

    @asynccontextmanager
    async def _once(self, request: web.Request, hook: HookIn) -> AsyncIterator[None]:
        """Take no signature twice, on whichever gateway; but again if nothing came of it."""
        if hook.proof == "token":
            yield
            return
        database, signature = self._gateway.database, request.headers[signing.SIGNATURE].encode()
        now = utc_now()
        if not await hooks_in.claim_call(database, hook.name, signature, now + 2 * signing.TOLERANCE, now):
            raise Problem("hook_replayed")
        try:
            yield
        except Exception:
            await hooks_in.release_call(database, hook.name, signature)
            raise

    async def _run(self, request: web.Request, hook: HookIn, event: str) -> HookAnswer:
        call = Call(self._gateway, request, _caller(hook))
        entry = call.entry(hook.job)
        try:
            started = await start(call, entry, hook.params, dry_run=False)
        except CommandRefused as refused:
            if refused.code != "job_running":
                raise
            under_way = entry.run_under_way()
            run_id = under_way.id if under_way else None
            await call.record("hook.coalesced", hook.name, None, {"job": hook.job, "run": run_id, "event": event})
            return HookAnswer(result="coalesced", run_id=run_id, event=event)
        return HookAnswer(result="started", run_id=started.run_id, event=event)


def _caller(hook: HookIn) -> Caller:
    """The hook, as the audit trail and the run know it."""
    name = f"hook:{hook.name}"
    return Caller(name=name, account=name, role="operator", expires_at=None, key=b"", by_token=True)
