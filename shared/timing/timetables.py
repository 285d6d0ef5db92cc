"""What every schedule can answer, once compiled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from hashlib import blake2b
from typing import Literal, NamedTuple


class ClockChange(NamedTuple):
    """What a clock change does to a slot. Wall times are milliseconds, see `localclock`.

    `kind` is "skipped" (the clock leaves out the `walls` and goes on at `shown`, where the slot is), "first" (`shown`
    comes twice; the slot is the first) or "both" (it comes twice; both are slots).
    """

    kind: Literal["skipped", "first", "both"]
    shown: int
    walls: list[int]


class Timetable(ABC):
    """The slots of one schedule: milliseconds since the Unix epoch, UTC. They go on without end both ways."""

    __slots__ = ("jitter", "job")

    def __init__(self, job: str, jitter: int) -> None:
        self.job = job
        self.jitter = jitter

    @abstractmethod
    def next_after(self, moment: int) -> int:
        """The first slot strictly after `moment`."""

    @abstractmethod
    def latest_until(self, moment: int) -> int:
        """The last slot at or before `moment`."""

    @abstractmethod
    def count_between(self, after: int, until: int) -> int:
        """How many slots are later than `after` and not later than `until`."""

    def clock_change(self, slot: int) -> ClockChange | None:
        """What a clock change does to `slot`, if any."""
        return None

    def due(self, slot: int) -> int:
        """When `slot` is due: at the slot itself, or later by its jitter.

        The delay is at least 0 and less than the schedule's jitter, and follows from the job's name and the slot
        alone, so that every scheduler finds the same.
        """
        if not self.jitter:
            return slot
        digest = blake2b(b"%d %s" % (slot, self.job.encode()), digest_size=8).digest()
        return slot + int.from_bytes(digest) % self.jitter

    def between(self, after: int, until: int, limit: int) -> list[int]:
        """The slots later than `after` and not later than `until`: the earliest `limit` of them, earliest first."""
        slots: list[int] = []
        slot = self.next_after(after)
        while slot <= until and len(slots) < limit:
            slots.append(slot)
            slot = self.next_after(slot)
        return slots

    def latest_between(self, after: int, until: int, limit: int) -> list[int]:
        """The slots later than `after` and not later than `until`: the latest `limit` of them, earliest first."""
        slots: list[int] = []
        slot = self.latest_until(until)
        while slot > after and len(slots) < limit:
            slots.append(slot)
            slot = self.latest_until(slot - 1)
        return slots[::-1]
