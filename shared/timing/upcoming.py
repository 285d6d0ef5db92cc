"""The next slots of a schedule, as a person wants to see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.timing.localclock import local_clock
from shared.timing.phrases import Phrase
from shared.timing.timetables import ClockChange, Timetable
from shared.timing.words import english

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A slot to come, in UTC and in local time, and what a clock change does to it (nothing, mostly).

    `phrase` is the note free of any language.
    """

    slot: datetime
    local: datetime
    note: str = ""
    phrase: Phrase | None = None


def upcoming(timetable: Timetable, zone: str, now: datetime, count: int) -> list[Upcoming]:
    """The next `count` slots after `now`, with their local time in `zone` (an IANA name).

    Raises `BadSchedule` when there is no such zone.
    """
    local_zone = local_clock(zone).zone
    moment = (now - _EPOCH) // _ONE_MS
    shown = []
    for _ in range(count):
        moment = timetable.next_after(moment)
        slot = _EPOCH + moment * _ONE_MS
        change = timetable.clock_change(moment)
        phrase = None if change is None else _phrase(change)
        note = "" if phrase is None else english(phrase)
        shown.append(Upcoming(slot=slot, local=slot.astimezone(local_zone), note=note, phrase=phrase))
    return shown


def _phrase(change: ClockChange) -> Phrase:
    if change.kind != "skipped":
        return Phrase(f"clock_{change.kind}", {"time": _clock(change.shown)})
    days = {_wall(wall).date() for wall in [*change.walls, change.shown]}
    written = _clock if len(days) == 1 else _date_and_clock
    times = [written(wall) for wall in change.walls]
    return Phrase("clock_skipped", {"times": times, "runs_at": written(change.shown)})


def _clock(wall: int) -> str:
    return _wall(wall).strftime("%H:%M")


def _date_and_clock(wall: int) -> str:
    return _wall(wall).strftime("%Y-%m-%d %H:%M")


def _wall(wall: int) -> datetime:
    return _EPOCH + wall * _ONE_MS
