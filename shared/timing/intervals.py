"""The timetable of an interval: one slot every so many milliseconds, counted from a fixed moment."""

from __future__ import annotations

from shared.contracts.specs import Interval
from shared.timing.durations import LONGEST_MS, format_interval
from shared.timing.errors import BadInterval, BadSchedule
from shared.timing.timetables import Timetable


class IntervalTimetable(Timetable):
    """Slots at `phase + k * every` for every whole k. Clock changes do not touch them."""

    __slots__ = ("every", "phase")

    def __init__(self, schedule: Interval, job: str) -> None:
        """Raises `BadSchedule` for an interval that is not positive or too long, or jitter longer than the interval.

        Jitter up to the interval keeps the order: a slot is due before the next one is.
        """
        if not 0 < schedule.every_ms <= LONGEST_MS:
            raise BadInterval(
                f"{schedule.every_ms} ms is not an interval: it must be 1 ms to {format_interval(LONGEST_MS)}"
            )
        if not 0 <= schedule.jitter_ms <= schedule.every_ms:
            raise BadSchedule(
                f"the jitter of {schedule.jitter_ms} ms is out of range: "
                f"it must be 0 to the interval, {format_interval(schedule.every_ms)}"
            )
        super().__init__(job, schedule.jitter_ms)
        self.every = schedule.every_ms
        self.phase = schedule.anchor_ms % schedule.every_ms

    def next_after(self, moment: int) -> int:
        every = self.every
        return moment + every - (moment - self.phase) % every

    def latest_until(self, moment: int) -> int:
        return moment - (moment - self.phase) % self.every

    def count_between(self, after: int, until: int) -> int:
        return max(0, (until - self.phase) // self.every - (after - self.phase) // self.every)
