"""What one scheduler is told at its start."""

from __future__ import annotations

from msgspec import Struct

from shared.catalogue.faults import LEAST_INTERVAL_MS


class SchedulerSettings(Struct, frozen=True, kw_only=True):
    """`zone`: of calendar schedules that name none. A leader that is silent for `lease_s` seconds is replaced;
    when `alone`, there is no other that could.

    A spec that wants its job more often than every `least_interval_ms` is refused. A run whose worker is silent for
    `ack_wait_s` goes to another.
    """

    zone: str = "UTC"
    lease_s: float = 1.5
    alone: bool = False
    ack_wait_s: float = 10.0
    least_interval_ms: int = LEAST_INTERVAL_MS
    name: str = ""
