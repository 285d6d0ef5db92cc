"""What a scheduler counts of a tick that is on disk."""

from __future__ import annotations

from services.scheduler.jobs import Job, Timing
from services.scheduler.metrics import Metrics
from services.scheduler.planner import Fire
from shared.contracts.specs import Interval
from shared.runtime.clock import now_ms
from shared.runtime.telemetry import Telemetry

EARLY_MS = 60_000
LATENESS = "showrunner_tick_lateness_seconds"


def test_a_tick_on_disk_before_its_slot_is_late_by_nothing() -> None:
    telemetry, now = Telemetry(), now_ms()
    job = Job(Timing(name="tidy", category="maintenance", schedule=Interval(every_ms=60_000)), now, "UTC")
    Metrics(telemetry).written(job, Fire(slot=now + EARLY_MS))
    lateness = telemetry.meter.histogram(LATENESS, "", ())
    assert sum(lateness.counts) == 1
    assert lateness.total == 0.0
