"""Which scheduler leads. Only an optimisation: two leaders can't harm each other, since the tick log compares."""

from __future__ import annotations

import asyncio

import structlog

from shared.contracts import codec, subjects
from shared.contracts.feed import Leader
from shared.messaging import Bus, Conflict, MessagingError
from shared.messaging.buckets import get, put
from shared.runtime.clock import utc_now

log = structlog.get_logger()

RENEWALS = 3  # in the time of a lease
ASK_S = 0.25
WRITE_S = 2.0


class Lease:
    """The key `scheduler` of the bucket `leases`, which vanishes when it is not renewed (its age limit, `lease_s`).

    `alone`: there is no other scheduler, so a lease that stands is that of a former life.
    """

    def __init__(self, bus: Bus, name: str, lease_s: float, *, alone: bool = False) -> None:
        self._bus = bus
        self._name = name
        self._lease_s = lease_s
        self._alone = alone
        self._tried = False
        self._revision = 0
        self._since = utc_now()

    async def take(self) -> None:
        """Wait until nobody leads, then lead."""
        waiting = False
        while True:
            try:
                standing = await get(self._bus, subjects.LEASES, subjects.LEADER_KEY)
                if self._alone or not standing.data:
                    self._tried, self._since = True, utc_now()
                    await self._write(self._ours(), standing.revision)
                    log.info("leading", scheduler=self._name)
                    return
                if not waiting:
                    waiting = True
                    log.info("waiting_for_the_lead", scheduler=self._name)
            except MessagingError as error:
                log.debug("lease_not_taken", reason=str(error))
            await asyncio.sleep(ASK_S)

    async def keep(self) -> None:
        """Renew the lease until another has it, then return.

        As long as nobody can be asked, nobody else can have taken it: a cluster that has lost who answers for it needs
        seconds to find another, and ticks go on meanwhile.
        """
        pause_s = self._lease_s / RENEWALS
        while True:
            await asyncio.sleep(pause_s)
            try:
                await self._write_over(self._ours(), timeout=self._lease_s / 2)
                pause_s = self._lease_s / RENEWALS
            except Conflict:
                break
            except MessagingError as error:
                log.warning("lease_not_renewed", reason=str(error))
                pause_s = ASK_S
        log.warning("lead_lost", scheduler=self._name)

    async def give_up(self) -> None:
        """Let another scheduler lead at once, if we do."""
        if not self._tried:
            return
        try:
            await self._write_over(b"")
        except MessagingError as error:
            log.info("lease_not_given_up", reason=str(error))

    async def _write_over(self, value: bytes, timeout: float = WRITE_S) -> None:
        """Write over our lease. Raises `Conflict` when another leads, or wanted to at the same moment."""
        try:
            await self._write(value, self._revision, timeout)
        except Conflict:
            standing = await get(self._bus, subjects.LEASES, subjects.LEADER_KEY)
            if standing.data and codec.decode_leader(standing.data).scheduler != self._name:
                raise
            # It went while it could not be renewed and nobody has taken it since, or one of ours was written unheard.
            await self._write(value, standing.revision)

    async def _write(self, value: bytes, revision: int, timeout: float = WRITE_S) -> None:
        self._revision = await put(self._bus, subjects.LEASES, subjects.LEADER_KEY, value, revision, timeout=timeout)

    def _ours(self) -> bytes:
        return codec.encode(Leader(scheduler=self._name, since=self._since, heartbeat_at=utc_now()))
