"""What the runs of one worker hold alone: keys of the bucket `resources`, taken and renewed by comparison.

Whoever renews in time goes on holding; whoever does not (dead, suspended, cut off) finds another revision there, or
none, when it looks again, and knows that it has lost what it held.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from uuid import UUID

import structlog

from shared.contracts import codec, subjects
from shared.contracts.resources import Holding
from shared.messaging import BATCH_LIMIT, Bus, Conflict, Entry, MessagingError, append
from shared.messaging.buckets import Value, get
from shared.runtime.clock import utc_now

from . import rules_resources as rules

log = structlog.get_logger()

_ASK_S = 2.0
TAKEN = "it was not renewed in time"


class Hold:
    """Resources that are held together by one run. `lost` says why they no longer are."""

    def __init__(self, run: UUID | None, job: str, whats: Mapping[str, str], on_loss: Callable[[str], None]) -> None:
        self.run = run
        self.job = job
        self.whats = whats
        self.on_loss = on_loss
        self.since = utc_now()
        self.tried = False
        self.renewed = 0.0
        self.lost = ""
        self.revisions: dict[str, int] = {}

    def entries(self, worker: str) -> list[Entry]:
        """What is to be written to hold it, on condition that nobody else has written since."""
        return [self._entry(resource, self._holding(resource, worker)) for resource in sorted(self.whats)]

    def blanks(self) -> list[Entry]:
        """The same to let others have it."""
        return [self._entry(resource, b"") for resource in sorted(self.whats)]

    def written(self, first: int, at: float) -> None:
        """The entries stand in a row, from this revision on; `at` is when they were sent."""
        self.revisions = {resource: first + number for number, resource in enumerate(sorted(self.whats))}
        self.renewed = at

    def _holding(self, resource: str, worker: str) -> bytes:
        what = self.whats[resource]
        return codec.encode(Holding(run=self.run, job=self.job, worker=worker, what=what, since=self.since))

    def _entry(self, resource: str, payload: bytes) -> Entry:
        subject = subjects.bucket_key(subjects.RESOURCES, resource)
        return Entry(subject, payload, subject, self.revisions.get(resource, 0))


class Holdings:
    """All that one worker holds. `limit_s` is the age limit of the bucket, known once something was taken."""

    def __init__(self, bus: Bus, worker: str) -> None:
        self._bus = bus
        self._worker = worker
        self._held: dict[str, Hold] = {}
        self.limit_s = 0.0
        self._some = asyncio.Event()
        # One renewal at a time, so that none is compared with what another is just about to write.
        self._turn = asyncio.Lock()

    async def look(self, hold: Hold) -> str:
        """Who else holds what it wants: "" when nobody does just now, so that it may be taken. MessagingError."""
        for resource, what in hold.whats.items():
            standing = await self.read(resource)
            if reason := self._mine(resource, what) or rules.holder(standing.data, what, hold.run, self._worker):
                return reason
            hold.revisions[resource] = standing.revision
        return ""

    async def take(self, hold: Hold) -> str:
        """Take all that it wants, or nothing, if all is as it was at the last look: "" when it is held now, else why
        not. MessagingError: unknown."""
        async with self._turn:
            if reason := next(filter(None, (self._mine(*wanted) for wanted in hold.whats.items())), ""):
                return reason
            await self._learn_limit()
            hold.tried, hold.since = True, utc_now()
            try:
                await self._write(hold, hold.entries(self._worker))
            except Conflict:
                return "somebody else is about to take it"
            self._held |= dict.fromkeys(hold.whats, hold)
            self._some.set()
        return ""

    async def confirm(self, hold: Hold) -> str:
        """Renew it now: "" when it is ours, for the whole age limit; else why not. MessagingError: unknown."""
        async with self._turn:
            if not hold.lost:
                await self._renew(hold)
        return hold.lost

    async def release(self, hold: Hold) -> None:
        """Let others have it at once, if NATS answers; else when its time is up."""
        async with self._turn:
            self._forget(hold)
            if hold.lost or not hold.tried or any(resource in self._held for resource in hold.whats):
                return
            try:
                await self._write_over(hold, hold.blanks)
            except MessagingError as error:
                log.info("resources_not_released", resources=sorted(hold.whats), reason=str(error))

    async def keep(self) -> None:
        """Renew all that is held before its time is up, for ever; whoever loses what it holds is told."""
        while True:
            await self._some.wait()
            await asyncio.sleep(self.limit_s / 3)
            async with self._turn:
                if self._held:
                    await self._renew_all()
                else:
                    self._some.clear()

    async def read(self, key: str) -> Value:
        """What stands under a key of the bucket now. MessagingError."""
        return await get(self._bus, subjects.RESOURCES, key)

    def _mine(self, resource: str, what: str) -> str:
        """What another run of this worker holds: its key tells this worker's runs apart, but not two holds of a run."""
        other = self._held.get(resource)
        return f"{what} is held by {other.job}" if other else ""

    async def _renew_all(self) -> None:
        holds = list(dict.fromkeys(self._held.values()))
        entries = [entry for hold in holds for entry in hold.entries(self._worker)]
        try:
            if len(entries) > BATCH_LIMIT:
                raise Conflict("too many for one batch")
            at = monotonic()
            revision = await append(self._bus, entries, _ASK_S)
            for hold in holds:
                hold.written(revision, at)
                revision += len(hold.whats)
        except Conflict:
            # One of them is lost, or a former answer was: each by itself tells which.
            for hold in holds:
                await self._renew_alone(hold)
        except MessagingError as error:
            self._unconfirmed(holds, error)

    async def _renew_alone(self, hold: Hold) -> None:
        try:
            await self._renew(hold)
        except MessagingError as error:
            self._unconfirmed([hold], error)
        if hold.lost:
            hold.on_loss(hold.lost)

    async def _renew(self, hold: Hold) -> None:
        try:
            await self._write_over(hold, partial(hold.entries, self._worker))
        except Conflict:
            self._lose(hold, TAKEN)

    async def _write_over(self, hold: Hold, entries: Callable[[], list[Entry]]) -> None:
        """Write over what is ours, even if we never heard that it was written. Conflict: it is no longer."""
        try:
            return await self._write(hold, entries())
        except Conflict:
            for resource in hold.whats:
                standing = await self.read(resource)
                if not standing.data or rules.holder(standing.data, resource, hold.run, self._worker):
                    raise
                hold.revisions[resource] = standing.revision
        await self._write(hold, entries())

    async def _write(self, hold: Hold, entries: list[Entry]) -> None:
        at = monotonic()
        hold.written(await append(self._bus, entries, _ASK_S), at)

    def _unconfirmed(self, holds: list[Hold], error: MessagingError) -> None:
        log.warning("resources_not_renewed", reason=str(error))
        for hold in holds:
            if monotonic() - hold.renewed > self.limit_s:
                self._lose(hold, f"NATS has not confirmed it for {self.limit_s:g} s")
                hold.on_loss(hold.lost)

    def _lose(self, hold: Hold, why: str) -> None:
        hold.lost = f"{', '.join(hold.whats.values())} is no longer held: {why}"
        log.warning("resources_lost", job=hold.job, resources=sorted(hold.whats), reason=why)
        self._forget(hold)

    def _forget(self, hold: Hold) -> None:
        for resource in hold.whats:
            if self._held.get(resource) is hold:
                del self._held[resource]

    async def _learn_limit(self) -> None:
        if not self.limit_s:
            info = await self._bus.api(f"STREAM.INFO.{subjects.bucket_stream(subjects.RESOURCES)}", {})
            self.limit_s = info["config"]["max_age"] / 1e9
