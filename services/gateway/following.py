"""The loops that keep the board up to date, but for its runs: from the buckets of NATS, and from Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

import msgspec
import structlog

from shared.catalogue.admission import BadSpec, Reader
from shared.contracts import codec, subjects
from shared.contracts.specs import Spec
from shared.directory.records import PRODUCTS, ServerKind
from shared.messaging import LAST_PER_SUBJECT, After, follow
from shared.messaging.buckets import key_of
from shared.runtime.clock import utc_now

from .context import Gateway
from .store import catalogue
from .store.database import DatabaseUnreachable, outages_named

log = structlog.get_logger()

CLOCK_S = 0.5
OUTSIDE_S = 2.0
NEEDS_S, NEEDS_REST_S = 10.0, 5.0
RETRY_S = 1.0
MAIL = "mail is set up"
A_CHANNEL = "a channel for alerts is set up"
"""A need, as the jobs that send mail name it."""

T = TypeVar("T")


async def load_board(gateway: Gateway) -> None:
    """The board as Postgres knows it, before anything is heard from NATS."""
    for spec in await patiently(lambda: catalogue.read_specs(gateway.database)):
        gateway.board.apply_spec(spec.name, spec)
    for control in await patiently(lambda: catalogue.read_controls(gateway.database)):
        # As older than all that the bucket says.
        gateway.board.apply_control(control.job, control, revision=0)


async def follow_catalogue(gateway: Gateway) -> None:
    """Specs, from the bucket, in the order in which they were written: what can't stand is left out."""
    reader = Reader()
    news: dict[str, Spec | None] = {}
    everything = (subjects.bucket_key(subjects.CATALOGUE, ">"),)
    async for batch in follow(gateway.bus, subjects.bucket_stream(subjects.CATALOGUE), everything, After(0)):
        for message in batch:
            key = key_of(subjects.CATALOGUE, message.subject)
            try:
                news[key] = reader.read(key, message.data)
            except BadSpec as bad:
                log.debug("spec_set_aside", key=key, reason=bad.why)
        if batch[-1].pending == 0:
            # Not before: of what happened without us only the outcome is to be seen.
            for job, spec in news.items():
                gateway.board.apply_spec(job, spec)
            news.clear()
            gateway.hub.wake()


async def follow_notices(gateway: Gateway) -> None:
    """Notices, from the bucket."""
    async for batch in _bucket(gateway, subjects.NOTICES, codec.decode_spec_refused):
        for value in batch:
            gateway.notices.apply(value.key, value.content)


async def follow_controls(gateway: Gateway) -> None:
    """Controls, from the bucket."""
    async for batch in _bucket(gateway, subjects.CONTROLS, codec.decode_control):
        for value in batch:
            gateway.board.apply_control(value.key, value.content, value.revision)
        gateway.hub.wake()


async def follow_lease(gateway: Gateway) -> None:
    """Which scheduler leads."""
    async for batch in _bucket(gateway, subjects.LEASES, codec.decode_leader):
        for value in batch:
            if value.key == subjects.LEADER_KEY:
                gateway.board.apply_leader(value.content, utc_now())
        look_at_clock(gateway)


async def follow_clock(gateway: Gateway) -> NoReturn:
    """What time alone brings about, and whether NATS is there."""
    while True:
        look_at_clock(gateway)
        await asyncio.sleep(CLOCK_S)


async def follow_outside(gateway: Gateway) -> NoReturn:
    """Whether Postgres is there."""
    while True:
        gateway.database_up = await gateway.database.answers()
        await asyncio.sleep(OUTSIDE_S)


async def follow_needs(gateway: Gateway) -> NoReturn:
    """Which needs of jobs are met: looked at now and then, and after a change made here, if it is not one of many."""
    while True:
        gateway.needs_doubted.clear()
        with suppress(DatabaseUnreachable), outages_named():
            lacks_mail = await gateway.mailroom.lacking()
            met = met_needs(await gateway.directory.kinds()) | {MAIL: not lacks_mail}
            met[A_CHANNEL] = await gateway.alerts.any_channel()
            gateway.board.apply_needs(met)
            gateway.hub.wake()
        await asyncio.sleep(NEEDS_REST_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(NEEDS_S):
                await gateway.needs_doubted.wait()


def met_needs(kinds: Collection[ServerKind]) -> dict[str, bool]:
    """Which of the needs that jobs may have are met when there are servers of these kinds."""
    return {"a server": bool(kinds)} | {f"a {name} server": kind in kinds for kind, name in PRODUCTS.items()}


def look_at_clock(gateway: Gateway) -> None:
    """Bring the board to the present moment."""
    gateway.board.look_at_clock(utc_now(), nats=gateway.bus.connected, database=gateway.database_up)
    gateway.hub.wake()


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """What Postgres answers, as soon as it does."""
    while True:
        try:
            return await ask()
        except DatabaseUnreachable as error:
            log.info("waiting_for_database", reason=str(error))
            await asyncio.sleep(RETRY_S)


class _Value(Generic[T]):
    """What stands under a key of a bucket; no content when the key was deleted."""

    __slots__ = ("content", "key", "revision")

    def __init__(self, key: str, content: T | None, revision: int) -> None:
        self.key = key
        self.content = content
        self.revision = revision


async def _bucket(gateway: Gateway, bucket: str, decode: Callable[[bytes], T]) -> AsyncIterator[list[_Value[T]]]:
    """The newest value of each key of a bucket, and then every change; what this version can't read is left out."""
    everything = (subjects.bucket_key(bucket, ">"),)
    async for batch in follow(gateway.bus, subjects.bucket_stream(bucket), everything, LAST_PER_SUBJECT):
        values = []
        for message in batch:
            key = key_of(bucket, message.subject)
            try:
                values.append(_Value(key, decode(message.data) if message.data else None, message.sequence))
            except msgspec.DecodeError as error:
                log.warning("value_not_understood", bucket=bucket, key=key, reason=str(error))
        yield values
