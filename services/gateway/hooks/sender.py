"""Tells other programs how runs ended: what is due is sent, and again until it is taken or was tried often enough.

Every gateway sends; what one has claimed, no other sends. Whoever dies with a delivery in hand has it sent again: at
least once, each time under the same id.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import NoReturn
from uuid import UUID

import structlog
from aiohttp import ClientSession

from shared.runtime.clock import utc_now
from shared.runtime.secrets import WrongKey

from ..metrics import Metrics
from ..store import hook_deliveries, runs
from ..store.database import Database, DatabaseUnreachable
from ..store.hook_deliveries import Claimed, Settled
from .book import Hooks
from .posting import Answer, post
from .rules import MOST_TRIES, MOST_WAITING, message_of, pause_after
from .terms import DeliveryState, HookMessage, HookTest

log = structlog.get_logger()

AT_ONCE = 8
LOOK_S, LOOK_WITHOUT_HOOKS_S = 1.0, 5.0
LEASE = timedelta(minutes=1)
COUNT_S = 10.0
_GIVEN_UP_AT_ONCE = 10_000


class Sender:
    """Sends at most `AT_ONCE` deliveries at a time, and one a hook: a slow receiver keeps no other waiting."""

    def __init__(self, database: Database, hooks: Hooks, outside: ClientSession, metrics: Metrics) -> None:
        self._database = database
        self._hooks = hooks
        self._outside = outside
        self._tried = metrics.hook_tries
        self._dropped = metrics.meter.counter(
            "showrunner_hook_deliveries_dropped", "Deliveries to hooks given up, for too many were waiting."
        )
        self._waiting: dict[str, float] = {}
        metrics.meter.show_each(
            "showrunner_hook_deliveries_open", "Deliveries to hooks that are due, now or later.", "hook",
            lambda: self._waiting,
        )  # fmt: skip
        self._busy: set[UUID] = set()
        self._freed = asyncio.Event()

    async def run(self) -> NoReturn:
        """Send what is due, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_count())
            while True:
                self._freed.clear()
                for claimed in await self._claim():
                    self._busy.add(claimed.hook)
                    tasks.create_task(self._send(claimed))
                await self._rest()

    async def _claim(self) -> list[Claimed]:
        room = AT_ONCE - len(self._busy)
        if not room:
            return []
        try:
            return await hook_deliveries.claim(self._database, self._busy, room, LEASE)
        except DatabaseUnreachable as error:
            log.warning("hooks_not_claimed", reason=str(error))
            return []

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S if self._waiting else LOOK_WITHOUT_HOOKS_S):
                await self._freed.wait()
        except TimeoutError:
            pass

    async def _send(self, claimed: Claimed) -> None:
        try:
            answer = await self._try(claimed)
            settled = _settled(claimed, answer)
            await hook_deliveries.settle(self._database, claimed, settled, utc_now())
            self._tried[settled.state].add()
            log.info("hook_tried", delivery=str(claimed.id), tries=claimed.tries, status=answer.status)
        except DatabaseUnreachable as error:
            log.warning("hook_try_not_kept", delivery=str(claimed.id), reason=str(error))
        finally:
            self._busy.discard(claimed.hook)
            self._freed.set()

    async def _try(self, claimed: Claimed) -> Answer:
        try:
            target = await self._hooks.target(claimed.hook)
        except WrongKey as error:
            return Answer(f"{error}.")
        if target is None:
            return Answer("The hook is no more.", for_good=True)
        hook, key = target
        message = await self._message(claimed, hook.name)
        if message is None:
            return Answer("The run is no more.", for_good=True)
        return await post(self._outside, hook, key, message)

    async def _message(self, claimed: Claimed, hook: str) -> HookMessage | HookTest | None:
        if claimed.run is None or claimed.event == "test":
            return HookTest(delivery=claimed.id, hook=hook)
        run = await runs.find(self._database, claimed.run)
        return None if run is None else message_of(claimed.id, hook, claimed.event, run)

    async def _keep_count(self) -> NoReturn:
        """Know how much is due, and let it not grow for ever; what can't be counted is not known."""
        while True:
            try:
                await self._give_up_oldest()
                self._waiting = await hook_deliveries.count_due(self._database)
            except DatabaseUnreachable:
                self._waiting = {}
            await asyncio.sleep(COUNT_S)

    async def _give_up_oldest(self) -> None:
        answer = f"More than {MOST_WAITING:,} were waiting: the oldest are given up."
        count = await hook_deliveries.give_up_oldest(self._database, MOST_WAITING, _GIVEN_UP_AT_ONCE, answer, utc_now())
        if count:
            self._dropped.add(count)
            log.warning("hook_deliveries_dropped", count=count)


def _settled(claimed: Claimed, answer: Answer) -> Settled:
    now = utc_now()
    if answer.taken:
        return Settled(state="sent", status=answer.status, answer=answer.text, next_at=now)
    # Whoever presses Test waits for the answer: hours later it would tell them nothing.
    given_up = answer.for_good or claimed.tries >= MOST_TRIES or claimed.event == "test"
    state: DeliveryState = "failed" if given_up else "due"
    return Settled(state=state, status=answer.status, answer=answer.text, next_at=now + pause_after(claimed.tries))
