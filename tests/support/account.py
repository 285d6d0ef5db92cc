"""The account of slots, checked: each slot of a timetable is fired or skipped, exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import asyncpg
from msgspec import Struct, field

from services.scheduler.jobs import to_ms
from shared.contracts.ticks import Tick, TickEvent
from shared.timing.slots import Timetable


class Range(Struct, frozen=True):
    """The `count` slots from `first` to `last`, milliseconds since the epoch, that were not fired."""

    first: int
    last: int
    count: int
    why: str


class Account(Struct):
    """What became of the slots of one job."""

    fired: list[int] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The last slot accounted for."""
        return max([*self.fired, *(kept.last for kept in self.ranges)])

    @property
    def skipped(self) -> Counter[str]:
        """How many slots were not fired, by reason."""
        return sum((Counter({kept.why: kept.count}) for kept in self.ranges), Counter())

    def skip(self, first: datetime, last: datetime, count: int, why: str) -> None:
        self.ranges.append(Range(to_ms(first), to_ms(last), count, why))

    def faults(self, timetable: Timetable, since: int, until: int = 0) -> list[str]:
        """What is wrong with it, in words: every slot after `since` and up to `until` (by default the last one that is
        accounted for) has to be there once, and no moment that is no slot."""
        covered: Counter[int] = Counter(self.fired)
        faults = []
        for kept in self.ranges:
            slots = timetable.between(kept.first - 1, kept.last, kept.count + 1)
            covered.update(slots)
            if not slots or (slots[0], slots[-1], len(slots)) != (kept.first, kept.last, kept.count):
                faults.append(f"{kept} covers the slots {slots}")
        until = until or (max(covered) if covered else since)
        due = set(timetable.between(since, until, 1_000_000))
        faults += [f"slot {slot} was lost" for slot in sorted(due - covered.keys())]
        faults += [f"slot {slot} counts {times} times" for slot, times in covered.items() if times > 1]
        faults += [f"{slot} is no slot" for slot in sorted(covered.keys() - due) if slot > since]
        return faults


def account_of_log(events: Iterable[TickEvent]) -> Account:
    """As the tick log has it. A slot that stands there twice counts twice."""
    account = Account()
    for event in events:
        if not isinstance(event, Tick):
            account.skip(event.first, event.last, event.count, event.why)
        elif event.slot is not None:
            account.fired.append(to_ms(event.slot))
    return account


async def account_of_rows(pool: asyncpg.Pool, job: str) -> Account:
    """As Postgres has it, at one moment."""
    account = Account()
    async with pool.acquire() as moment, moment.transaction(isolation="repeatable_read", readonly=True):
        for row in await moment.fetch("SELECT slot FROM run WHERE job = $1 AND slot IS NOT NULL ORDER BY slot", job):
            account.fired.append(to_ms(row["slot"]))
        for row in await moment.fetch("SELECT first, last, count, why FROM skipped WHERE job = $1 ORDER BY first", job):
            account.skip(*row)
    return account
