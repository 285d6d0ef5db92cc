"""Reading a stream in order and without a gap, through lost connections and lost consumers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
import structlog

from .bus import Bus, publication
from .errors import Rejected, Unreachable
from .message import Message

log = structlog.get_logger()

_WINDOW = 4096
# In a cluster, the server that keeps our consumer may be lost while we are connected to another.
_IDLE_CHECK_S, _IDLE_CHECK_ALONE_S = 1.0, 60.0
_RETRY_S = 0.25
_LEADERLESS_S = 2.0
_CREATE_WITHIN_S = (2.0, 3.0, 5.0)


class LastPerSubject(msgspec.Struct, frozen=True):
    """Begin with the newest message of each subject."""

    def policy(self) -> dict[str, Any]:
        return {"deliver_policy": "last_per_subject"}


class After(msgspec.Struct, frozen=True):
    """Begin behind this sequence; 0 is the beginning."""

    sequence: int

    def policy(self) -> dict[str, Any]:
        return {"deliver_policy": "by_start_sequence", "opt_start_seq": self.sequence + 1}


class Since(msgspec.Struct, frozen=True):
    """Begin with the first message written at or after this moment."""

    moment: datetime

    def policy(self) -> dict[str, Any]:
        return {"deliver_policy": "by_start_time", "opt_start_time": self.moment}


Start = LastPerSubject | After | Since
LAST_PER_SUBJECT = LastPerSubject()


class _Lost(Exception):
    """The consumer is gone, or a message was: read on with a new one."""


async def follow(bus: Bus, stream: str, subjects: tuple[str, ...], start: Start) -> AsyncIterator[list[Message]]:
    """The messages of a stream on these subjects, in order, for ever. A message is yielded once, unless the start is
    `LAST_PER_SUBJECT` and the connection is lost before anything came."""
    born = ""
    while True:
        try:
            created, _ = await last_sequence(bus, stream)
            if born and born != created:
                # Another stream of that name: nothing in it has been read.
                start = After(0)
            born = created
            async for batch in _read(bus, stream, subjects, start):
                yield batch
                start = After(batch[-1].sequence)
        except (_Lost, Unreachable, Rejected) as error:
            log.info("stream_reader_restarts", stream=stream, reason=str(error))
            await asyncio.sleep(_RETRY_S)


async def read_all(bus: Bus, stream: str, subjects: tuple[str, ...], start: Start) -> list[Message]:
    """All that stands in a stream on these subjects now; raises `Unreachable` rather than answer with a part."""
    return [message async for batch in read_present(bus, stream, subjects, start) for message in batch]


async def read_present(bus: Bus, stream: str, subjects: tuple[str, ...], start: Start) -> AsyncIterator[list[Message]]:
    """The same as it comes, for what need not be in memory all at once. `Unreachable`: there was more."""
    try:
        async for batch in _read_present(bus, stream, subjects, start):
            yield batch
    except (_Lost, TimeoutError) as error:
        raise Unreachable(f"reading {stream} was interrupted: {str(error) or 'no message came'}") from error


async def last_sequence(bus: Bus, stream: str, timeout: float = 5.0) -> tuple[str, int]:
    """When the stream was created, and its last sequence."""
    info = await bus.api(f"STREAM.INFO.{stream}", {}, timeout)
    return info["created"], info["state"]["last_seq"]


async def _read_present(bus: Bus, stream: str, subjects: tuple[str, ...], start: Start) -> AsyncIterator[list[Message]]:
    # While a cluster has no leader for the stream nobody answers, and a consumer is waited for much longer than this.
    await last_sequence(bus, stream, _LEADERLESS_S)
    async with bus.open_inbox() as (subject, inbox):
        name, pending = await _create(bus, stream, subjects, start)
        if pending == 0:
            return
        # A part at a time: what the server may not send at once, it holds in memory, and cuts off whoever is too slow.
        _ask(bus, stream, name, subject, _WINDOW)
        asked, taken = _WINDOW, 0
        while True:
            async with asyncio.timeout(30):
                arrived = await inbox.take()
            batch = _checked(arrived, taken + 1)
            taken += len(batch)
            if batch:
                yield batch
                # While others write, the last is never the last: as many as stood there at first are enough.
                if batch[-1].pending == 0 or taken >= pending:
                    return
            if asked - taken <= _WINDOW // 2:
                _ask(bus, stream, name, subject, _WINDOW // 2)
                asked += _WINDOW // 2


async def _read(bus: Bus, stream: str, subjects: tuple[str, ...], start: Start) -> AsyncIterator[list[Message]]:
    async with bus.open_inbox() as (subject, inbox):
        name, _ = await _create(bus, stream, subjects, start)
        _ask(bus, stream, name, subject, _WINDOW)
        ordinal, taken, patience_s = 1, 0, _IDLE_CHECK_S if bus.in_cluster else _IDLE_CHECK_ALONE_S
        while True:
            try:
                async with asyncio.timeout(patience_s):
                    arrived = await inbox.take()
            except TimeoutError:
                await _check_alive(bus, stream, name)
                continue
            batch = _checked(arrived, ordinal)
            ordinal += len(batch)
            taken += len(batch)
            if taken >= _WINDOW // 2:
                _ask(bus, stream, name, subject, taken)
                taken = 0
            if batch:
                yield batch


def _checked(arrived: list[Message | None], ordinal: int) -> list[Message]:
    batch: list[Message] = []
    for message in arrived:
        if message is None:
            raise _Lost("the connection was lost")
        if not message.reply:
            raise _Lost(f"the consumer ended: {(message.status or {}).get('Description', 'no reason given')}")
        batch.append(message)
    if batch and (batch[0].ordinal != ordinal or batch[-1].ordinal != ordinal + len(batch) - 1):
        raise _Lost("a message was missed")
    return batch


async def _create(bus: Bus, stream: str, subjects: tuple[str, ...], start: Start) -> tuple[str, int]:
    name = f"reader-{secrets.token_hex(8)}"
    config = {
        "name": name,
        "ack_policy": "none",
        "filter_subjects": list(subjects),
        "mem_storage": True,
        "num_replicas": 1,
        "inactive_threshold": 60_000_000_000,
        **start.policy(),
    }
    for timeout in _CREATE_WITHIN_S[:-1]:
        # What a cluster was asked while it elected a leader is lost; asked for twice, it is one consumer.
        with suppress(Unreachable):
            return name, await _pending(bus, stream, name, config, timeout)
    return name, await _pending(bus, stream, name, config, _CREATE_WITHIN_S[-1])


async def _pending(bus: Bus, stream: str, name: str, config: dict[str, Any], timeout: float) -> int:
    """How many messages there are for a consumer that is made if it is missing."""
    info = await bus.api(f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": config}, timeout)
    return int(info["num_pending"])


async def _check_alive(bus: Bus, stream: str, name: str) -> None:
    info = await bus.api(f"CONSUMER.INFO.{stream}.{name}", {})
    if info["num_waiting"] == 0:
        raise _Lost("the consumer forgot that we wait")


def _ask(bus: Bus, stream: str, name: str, inbox: str, count: int) -> None:
    request = msgspec.json.encode({"batch": count})
    bus.send(publication(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", request, inbox))
