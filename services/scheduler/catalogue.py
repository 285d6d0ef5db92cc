"""The catalogue, as the scheduler that leads keeps it: specs that can stand come into the roster, others are set aside.

Whoever wrote one that can't stand is told why, and its key gets back what stood there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from msgspec import DecodeError

from shared.catalogue.admission import BadSpec, admitted, elsewhere
from shared.contracts import codec, subjects
from shared.contracts.announcements import Announce, Announced, Announcement
from shared.contracts.specs import JOB_NAME, Spec
from shared.messaging import After, Bus, Conflict, Message, MessagingError, buckets, follow
from shared.messaging.buckets import key_of
from shared.runtime.clock import now_ms

from .jobs import Job, timing_of
from .notices import Notices
from .queues import Queues
from .roster import Roster
from .specs import SetAside, notice
from .ticker import Ticker

log = structlog.get_logger()


class Catalogue:
    """Hears the bucket `catalogue` and the requests on `catalogue.announce` while this scheduler leads."""

    def __init__(self, bus: Bus, roster: Roster, ticker: Ticker, queues: Queues, least_interval_ms: int) -> None:
        self._bus = bus
        self._queues = queues
        self._roster = roster
        self._ticker = ticker
        self._least_interval_ms = least_interval_ms
        self._notices = Notices(bus)

    async def hear(self, aside: Mapping[str, SetAside], after: int) -> None:
        """Mend what is `aside` already, then follow what is written `after`, for ever."""
        await self._notices.load()
        for category in {job.timing.category for job in self._roster.jobs.values()}:
            await self._queues.provide(category)
        for key, found in aside.items():
            await self._set_aside(key, found)
        keys = (subjects.bucket_key(subjects.CATALOGUE, ">"),)
        async for batch in follow(self._bus, subjects.bucket_stream(subjects.CATALOGUE), keys, After(after)):
            for message in batch:
                await self._hear(message)
            self._ticker.alarm.ring()

    async def answer(self, subject: str) -> None:
        """Answer announcements one after another, for ever. One that fails is not answered: it is asked again."""
        async with self._bus.listen(subject) as batches:
            async for batch in batches:
                for message in batch:
                    only = message.subject.removeprefix(subjects.ANNOUNCE).removeprefix(".")
                    try:
                        await self._bus.say(message.reply, codec.encode(await self._announced(message.data, only)))
                    except MessagingError as error:
                        log.warning("announcement_failed", reason=str(error))
                self._ticker.alarm.ring()

    async def _hear(self, message: Message) -> None:
        key, revision = key_of(subjects.CATALOGUE, message.subject), message.sequence
        job = self._roster.jobs.get(key)
        if job is not None and revision <= job.announced:
            # Taken when it was announced, or given back by us.
            return
        if not message.data:
            await self._withdraw(key)
            return
        try:
            spec = self._admitted(key, message.data, job)
        except BadSpec as bad:
            former = job.announced if job else 0
            await self._set_aside(key, SetAside(notice(key, bad, message.written_ms), revision, former))
        else:
            await self._take(spec, revision, message.written_ms)
            await self._notices.settle(spec)

    async def _announced(self, request: bytes, only: str) -> Announcement:
        """Take a spec in, or refuse it; where it was announced for one category `only`, it must be of that one."""
        now = now_ms()
        try:
            ask = codec.decode_announce(request)
        except DecodeError as error:
            return notice("", BadSpec("unreadable", f"this is no announce.v1: {error}"), now)
        key = _name_in(ask)
        job = self._roster.jobs.get(key)
        data = codec.encode(ask.spec)
        try:
            spec = self._admitted(key, data, job)
            if only and spec.category != only:
                raise elsewhere(spec, only)
        except BadSpec as bad:
            if bad.code == "outdated" and job is not None:
                return Announced(job=key, version=job.timing.version, revision=job.announced)
            refusal = notice(key, bad, now, ask.by)
            await self._notices.tell(refusal)
            return refusal
        revision = await self._write(spec.name, codec.encode(spec))
        await self._take(spec, revision, now)
        await self._notices.settle(spec)
        return Announced(job=spec.name, version=spec.version, revision=revision)

    async def _write(self, name: str, data: bytes) -> int:
        """Have this stand in the bucket; its revision. Raises `Conflict` when somebody else writes there just now."""
        standing = await buckets.get(self._bus, subjects.CATALOGUE, name)
        if standing.data == data:
            return standing.revision
        return await buckets.put(self._bus, subjects.CATALOGUE, name, data, standing.revision)

    def _admitted(self, key: str, data: bytes, job: Job | None) -> Spec:
        return admitted(key, data, job.claim if job else None, self._least_interval_ms)

    async def _take(self, spec: Spec, revision: int, since: int) -> None:
        await self._queues.provide(spec.category)
        timing = timing_of(spec)
        async with self._ticker.turns.alone():
            job = self._roster.jobs.get(spec.name)
            if job is not None and job.timing != timing:
                await self._ticker.account(job)
            self._roster.announce(timing, revision, since, now_ms())

    async def _withdraw(self, name: str) -> None:
        async with self._ticker.turns.alone():
            if (job := self._roster.jobs.get(name)) is not None:
                await self._ticker.account(job)
            self._roster.withdraw(name)

    async def _set_aside(self, key: str, found: SetAside) -> None:
        await self._notices.tell(found.notice)
        if not JOB_NAME.fullmatch(key):
            # Nothing can stand there, so there is nothing to give back, and nobody takes it for a job.
            return
        former = await buckets.get_revision(self._bus, subjects.CATALOGUE, found.former) if found.former else None
        if former is not None and not former.data:
            log.error("spec_not_given_back", job=key, reason="the bucket no longer has what stood there")
            return
        try:
            data = former.data if former else b""
            revision = await buckets.put(self._bus, subjects.CATALOGUE, key, data, found.revision)
        except Conflict:
            # Somebody wrote there meanwhile, and will be heard.
            return
        if (job := self._roster.jobs.get(key)) is not None:
            job.announced = revision


def _name_in(ask: Announce) -> str:
    spec: Any = ask.spec
    name = spec.get("name") if isinstance(spec, dict) else None
    return name if isinstance(name, str) else ""
