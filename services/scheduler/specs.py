"""What the catalogue's entries come to, when the scheduler takes the lead. Pure."""

from __future__ import annotations

from typing import NamedTuple

from shared.catalogue.admission import BadSpec, Reader
from shared.contracts import subjects
from shared.contracts.announcements import SpecRefused
from shared.messaging import Message
from shared.messaging.buckets import key_of

from .jobs import Timing, timing_of, to_time

_LONGEST_NAME, _LONGEST_WHY = 128, 2000


class StandingSpec(NamedTuple):
    """A spec that is in force: its entry's revision, and when that was written (milliseconds since the epoch)."""

    timing: Timing
    revision: int
    written_ms: int


class SetAside(NamedTuple):
    """The newest entry of a key, which can't stand. `former` is the revision of what does, 0 if nothing does."""

    notice: SpecRefused
    revision: int
    former: int


class StandingSpecs:
    """By key what stands, and what was written behind it and can't; told in the order of the stream.

    `newest` is the sequence of the last entry.
    """

    def __init__(self, least_interval_ms: int) -> None:
        self._least_interval_ms = least_interval_ms
        self._stream = ""
        self.forget()

    def begin(self, stream: str) -> None:
        """What is read from here on is of this `stream`; what was read of another counts no more."""
        if stream != self._stream:
            self._stream = stream
            self.forget()

    def read(self, message: Message) -> None:
        """The next entry."""
        key = key_of(subjects.CATALOGUE, message.subject)
        self.newest = sequence = message.sequence
        try:
            spec = self._reader.read(key, message.data)
        except BadSpec as bad:
            former = self.standing[key].revision if key in self.standing else 0
            self.aside[key] = SetAside(notice(key, bad, message.written_ms), sequence, former)
            return
        self.aside.pop(key, None)
        if spec is None:
            self.standing.pop(key, None)
        else:
            self.standing[key] = StandingSpec(timing_of(spec), sequence, message.written_ms)

    def forget(self) -> None:
        """Let go of all that was read."""
        self.standing: dict[str, StandingSpec] = {}
        self.aside: dict[str, SetAside] = {}
        self.newest = 0
        self._reader = Reader(self._least_interval_ms)


def notice(key: str, bad: BadSpec, at_ms: int, by: str = "") -> SpecRefused:
    """What the author is told. Cut short, since a stranger may have written anything."""
    return SpecRefused(
        key=key[:_LONGEST_NAME],
        code=bad.code,
        why=bad.why[:_LONGEST_WHY],
        at=to_time(at_ms),
        category=bad.category[:_LONGEST_NAME],
        by=by[:_LONGEST_NAME],
    )
