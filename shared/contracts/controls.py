"""What people decided about a job. Written by the scheduler alone, to the bucket `controls`."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from .specs import Interval


class Control(Struct, frozen=True, kw_only=True, tag="control.v1"):
    """Decisions about one job; a job without a control follows its spec.

    `enabled` or `paused` of None means as the spec says. A pause ends by itself at `paused_until`; without one it
    lasts. `interval` takes the place of the spec's schedule. The slots up to `skip_until` are passed over ("skip the
    next run").
    """

    job: str
    enabled: bool | None = None
    paused: bool | None = None
    paused_until: datetime | None = None
    interval: Interval | None = None
    skip_until: datetime | None = None
    reason: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None

    def paused_at(self, now: datetime, by_spec: bool) -> bool:
        """Whether a pause is in force at `now`: the one that was decided, or else that of the spec."""
        paused = by_spec if self.paused is None else self.paused
        return paused and (self.paused_until is None or now < self.paused_until)
