"""Taking work from a stream: one durable consumer that all workers of a category share, every message acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import structlog

from shared.contracts import subjects

from .bus import Bus, publication
from .client import Inbox
from .errors import Forbidden, Rejected, Unreachable
from .message import Message

log = structlog.get_logger()

_ASK_EXPIRES_S = 20
# In a cluster, the server that holds our request may be lost while we are connected to another: then it falls silent.
_HEARTBEAT_S, _HEARTBEAT_ALONE_S = 1, 10
_RETRY_S = 0.25
_SECOND_NS = 1_000_000_000
_CONSUMER_GONE = {"409", "404"}
_NO_CONSUMER, _CONSUMER_EXISTS = "(10014)", "(10148)"


async def provide_queue(bus: Bus, category: str, ack_wait_s: float) -> None:
    """Have a consumer for the workers of a category. One that is there stays as its workers want it."""
    if await _standing(bus, category) is None:
        try:
            await _make(bus, category, _config(category, ack_wait_s), action="create")
        except Rejected as rejected:
            # A worker was quicker.
            if _CONSUMER_EXISTS not in str(rejected):
                raise


class WorkQueue:
    """The ticks of one category. At most `window` messages are with us (held) or on their way (asked for) at a time."""

    def __init__(self, bus: Bus, category: str, *, window: int, ack_wait_s: float) -> None:
        self._bus = bus
        self._category = category
        self._consumer = subjects.workers_of(category)
        self._window = window
        self._ack_wait_s = ack_wait_s
        self._held = 0
        self._asked = 0
        self._subject = ""

    async def messages(self) -> AsyncIterator[list[Message]]:
        """Messages as they come, for ever. End each by `acknowledge` or `retry_in`, then `release` its place."""
        while True:
            try:
                await self._declare()
                async with self._bus.open_inbox() as (self._subject, inbox):
                    async for batch in self._read(inbox):
                        yield batch
            except (Unreachable, Rejected) as error:
                log.info("work_queue_restarts", category=self._category, reason=str(error))
            self._subject = ""
            await asyncio.sleep(_RETRY_S)

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """These are done, and what they led to is on disk."""
        self._bus.send(b"".join(publication(message.reply, b"+ACK") for message in messages))

    def retry_in(self, message: Message, delay_s: float) -> None:
        """Deliver this one again, to whichever worker is free then."""
        delay = msgspec.json.encode({"delay": int(delay_s * 1_000_000_000)})
        self._bus.send(publication(message.reply, b"-NAK " + delay))

    def extend(self, messages: Iterable[Message]) -> None:
        """We are still at work on these: count the time until redelivery anew."""
        self._bus.send(b"".join(publication(message.reply, b"+WPI") for message in messages))

    def release(self, count: int) -> None:
        """`count` of the held messages have left us: there is room for as many."""
        self._held -= count
        self._ask()

    @property
    def _heartbeat_s(self) -> int:
        return _HEARTBEAT_S if self._bus.in_cluster else _HEARTBEAT_ALONE_S

    async def _read(self, inbox: Inbox) -> AsyncIterator[list[Message]]:
        self._asked = 0
        self._ask()
        while True:
            try:
                async with asyncio.timeout(2.5 * self._heartbeat_s):
                    arrived = await inbox.take()
            except TimeoutError:
                self._asked = 0
                self._ask()
                continue
            batch: list[Message] = []
            for message in arrived:
                if message is None:
                    self._asked = 0
                elif message.reply:
                    batch.append(message)
                else:
                    self._asked -= _unserved(message.status or {})
            self._asked = max(0, self._asked - len(batch))
            self._held += len(batch)
            self._ask()
            if batch:
                yield batch

    def _ask(self) -> None:
        room = self._window - self._held - self._asked
        if not self._subject or room < 1 or (room < self._window // 4 and self._asked):
            return
        request = msgspec.json.encode(
            {"batch": room, "expires": _ASK_EXPIRES_S * _SECOND_NS, "idle_heartbeat": self._heartbeat_s * _SECOND_NS}
        )
        verb = f"$JS.API.CONSUMER.MSG.NEXT.{subjects.TICKS}.{self._consumer}"
        self._bus.send(publication(verb, request, self._subject))
        self._asked += room

    async def _declare(self) -> None:
        wanted = _config(self._category, self._ack_wait_s)
        standing = await _standing(self._bus, self._category)
        if standing is not None and wanted.items() <= standing.items():
            return
        try:
            await _make(self._bus, self._category, wanted)
        except Forbidden as forbidden:
            if standing is None:
                raise Rejected("the scheduler has not made this category's consumer yet") from forbidden
            log.warning("other_ack_wait", category=self._category, mend="give scheduler and workers one ack_wait_s")
            raise


def _config(category: str, ack_wait_s: float) -> dict[str, Any]:
    consumer = subjects.workers_of(category)
    return {
        "durable_name": consumer,
        "name": consumer,
        "ack_policy": "explicit",
        "deliver_policy": "all",
        "filter_subjects": list(subjects.runnable_ticks(category)),
        "ack_wait": int(ack_wait_s * 1_000_000_000),
        "max_ack_pending": 50_000,
        "max_deliver": -1,
        "max_waiting": 512,
    }


async def _standing(bus: Bus, category: str) -> dict[str, Any] | None:
    """How the consumer of a category is set up; None if there is none."""
    try:
        info = await bus.api(f"CONSUMER.INFO.{subjects.TICKS}.{subjects.workers_of(category)}", {})
    except Rejected as rejected:
        if _NO_CONSUMER in str(rejected):
            return None
        raise
    config: dict[str, Any] = info["config"]
    return config


async def _make(bus: Bus, category: str, config: dict[str, Any], **only: str) -> None:
    verb = f"CONSUMER.CREATE.{subjects.TICKS}.{subjects.workers_of(category)}"
    await bus.api(verb, {"stream_name": subjects.TICKS, "config": config, **only})


def _unserved(status: dict[str, str]) -> int:
    """How many messages a request that has ended was still waiting for."""
    if status.get("Status") in _CONSUMER_GONE and "Deleted" in status.get("Description", ""):
        raise Rejected("the consumer was deleted")
    return int(status.get("Nats-Pending-Messages", "0"))
