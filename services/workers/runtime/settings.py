"""What one worker is told at its start."""

from __future__ import annotations

from msgspec import Struct

from shared.catalogue.faults import LEAST_INTERVAL_MS


class WorkerSettings(Struct, frozen=True, kw_only=True):
    """`concurrency` runs at a time; a run whose worker is silent for `ack_wait_s` goes to another.

    At the stop, runs have `drain_s` to end. No job may be due more often than every `least_interval_ms`.
    """

    concurrency: int = 16
    ack_wait_s: float = 10.0
    drain_s: float = 25.0
    least_interval_ms: int = LEAST_INTERVAL_MS
    name: str = ""
